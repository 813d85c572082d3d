/**
 * From what the kernel says of a view to the function that renders it.
 */

import { ISession } from '../session/types';
import { renderPicture } from './pictureView';
import { ViewAnswer } from './viewAnswer';
import {
  loadRender,
  ModuleImporter,
  RenderFunction,
  ViewModuleError
} from './viewModule';
import { renderPage } from './viewPage';

/**
 * Find what renders a view.
 *
 * @throws {ViewModuleError} if the kernel says why there is nothing to show.
 * @throws whatever `loadRender` throws, of a module.
 */
export async function renderOf(
  answer: ViewAnswer,
  label: string,
  run: ModuleImporter,
  pageSession: ISession
): Promise<RenderFunction> {
  if (answer.kind === 'module') {
    return loadRender(answer, label, run);
  }
  if (answer.error !== '') {
    throw new ViewModuleError(() => answer.error); // the kernel's words
  }
  return answer.kind === 'page'
    ? renderPage
    : context => renderPicture(context, pageSession);
}
