/**
 * Creates the example notebook, and opens it.
 */

import { JupyterFrontEnd } from '@jupyterlab/application';
import { showErrorMessage } from '@jupyterlab/apputils';
import { TranslationBundle } from '@jupyterlab/translation';

import { exampleNotebook, pythonSpec } from '../services/exampleNotebook';

/**
 * Write the example into a new file.
 *
 * @param cwd - The folder of the file.
 * @returns The widget that shows it: it takes the place of the launcher.
 */
export async function createExample(
  app: JupyterFrontEnd,
  cwd: string,
  trans: TranslationBundle
): Promise<unknown> {
  const { contents, kernelspecs } = app.serviceManager;
  try {
    await kernelspecs.ready;
    const spec = kernelspecs.specs && pythonSpec(kernelspecs.specs);
    if (!spec) {
      throw new Error(
        trans.__('Expected a Python kernel, found none: install ipykernel.')
      );
    }
    const { path } = await contents.newUntitled({
      type: 'notebook',
      path: cwd
    });
    await contents.save(path, {
      type: 'notebook',
      format: 'json',
      content: exampleNotebook(spec)
    });
    return await app.commands.execute('docmanager:open', { path });
  } catch (error) {
    await showErrorMessage(
      trans.__('The example could not be created'),
      error as Error
    );
    return undefined;
  }
}
