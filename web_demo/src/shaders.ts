const shaders = new Set<string>();

/** Name a fragment shader when the module starts, so that `Gpu.compile` can compile it before its first use. */
export function shader(text: string): string {
  shaders.add(text);
  return text;
}

/** All fragment shaders. */
export function allShaders(): ReadonlySet<string> {
  return shaders;
}
