/**
 * From what the kernel says of a view to the function that renders it.
 */

import { renderPicture } from './pictureView';
import { ViewAnswer } from './viewAnswer';
import {
  loadRender,
  ModuleImporter,
  RenderFunction,
  ViewModuleError
} from './viewModule';
import { renderApp, renderPage } from './viewPage';
import { IViewSource } from './viewSource';

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
  source: IViewSource
): Promise<RenderFunction> {
  if (answer.kind === 'module') {
    return loadRender(answer, label, run);
  }
  if (answer.error !== '') {
    throw new ViewModuleError(() => answer.error); // the kernel's words
  }
  switch (answer.kind) {
    case 'page':
      return renderPage;
    case 'picture':
      return context => renderPicture(context, source.session);
    case 'app':
      return context => renderApp(context, answer, source);
  }
}
