import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}

/** The licences of what is bundled have to travel with it. */
const MSGPACK = readFileSync(
  pathOf('./node_modules/@msgpack/msgpack/LICENSE'),
  'utf8'
);
/** Jupyter's packages have the same as ours, and bring no text of it. */
const BSD = readFileSync(pathOf('../LICENSE'), 'utf8');

/** The pages of a kernel's views, beside the client. */
export default defineConfig({
  publicDir: false,
  resolve: {
    alias: { '@jupyterlab/translation': pathOf('./src/page/english.ts') }
  },
  build: {
    target: 'es2022',
    outDir: pathOf('../wslink_jupyter/static'),
    emptyOutDir: false,
    minify: true,
    sourcemap: false,
    lib: {
      entry: pathOf('./src/views.ts'),
      formats: ['es'],
      fileName: () => 'views.js',
      cssFileName: 'views'
    },
    rollupOptions: {
      output: {
        codeSplitting: false,
        minify: true,
        postBanner: `/*!\nwslink-jupyter, and @lumino of the Jupyter Development Team:\n\n${BSD.trim()}\n\n@msgpack/msgpack:\n\n${MSGPACK.trim()}\n*/`
      }
    }
  }
});
