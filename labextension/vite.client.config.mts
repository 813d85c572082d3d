import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}

/** The licence of what is bundled has to travel with it. */
const LICENSE = readFileSync(
  pathOf('./node_modules/@msgpack/msgpack/LICENSE'),
  'utf8'
);

/** The one-file ES module which the Jupyter server hands to any page. */
export default defineConfig({
  publicDir: false,
  build: {
    target: 'es2022',
    outDir: pathOf('../wslink_jupyter/static'),
    emptyOutDir: true,
    minify: true,
    sourcemap: false,
    lib: {
      entry: pathOf('./src/client.ts'),
      formats: ['es'],
      fileName: () => 'client.js'
    },
    rollupOptions: {
      output: {
        codeSplitting: false,
        // Of a library, `build.minify` leaves the white space.
        minify: true,
        postBanner: `/*!\nwslink-jupyter, BSD-3-Clause. Contains @msgpack/msgpack:\n\n${LICENSE.trim()}\n*/`
      }
    }
  }
});
