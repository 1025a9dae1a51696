/** Version of PSPM in pyproject.toml; set by vite. */
declare const __PSPM_VERSION__: string;
/** Size of the engine's wasm file in bytes, for the progress bar; set by vite. */
declare const __WASM_BYTES__: number;
