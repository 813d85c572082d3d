/**
 * From what the kernel says of a view to the function that renders it.
 */

import { ISession } from '../session/types';
import { renderPicture } from './pictureView';
import { IViewAnswer } from './viewAnswer';
import { loadRender, ModuleImporter, RenderFunction } from './viewModule';

/**
 * Find the render function of a view.
 *
 * @throws whatever `loadRender` throws, of a module.
 */
export async function renderOf(
  answer: IViewAnswer,
  label: string,
  run: ModuleImporter,
  pageSession: ISession
): Promise<RenderFunction> {
  return answer.kind === 'picture'
    ? context => renderPicture(context, pageSession)
    : loadRender(answer, label, run);
}
