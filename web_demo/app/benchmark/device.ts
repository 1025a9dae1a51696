import type { Device } from "./result.ts";

interface UserAgentData {
  brands: { brand: string; version: string }[];
  platform: string;
  getHighEntropyValues(hints: string[]): Promise<Record<string, string>>;
}

/** What the browser reveals about the device. Browsers reveal little, and some give false values for privacy. */
export async function describeDevice(graphics: string): Promise<Device> {
  const data = (navigator as { userAgentData?: UserAgentData }).userAgentData;
  const cores = navigator.hardwareConcurrency || 1;
  if (!data) {
    const system = navigator.userAgent;
    return { name: /\(([^)]+)\)/.exec(system)?.[1] ?? "unknown", system, processor: `unknown; GPU ${graphics}`, cores };
  }
  const known = await data.getHighEntropyValues(["model", "platformVersion", "architecture", "bitness"]);
  return {
    name: known["model"] || data.platform || "unknown",
    system: `${words(data.platform, known["platformVersion"])}, ${browser(data.brands)}`,
    processor: `${words(known["architecture"] || "unknown", known["bitness"])}; GPU ${graphics}`,
    cores,
  };
}

/** The browser's name and major version. Lists of brands also hold a made-up one, such as "Not:A-Brand". */
export function browser(brands: readonly { brand: string; version: string }[]): string {
  const real = brands.filter(({ brand }) => !/not.*brand/i.test(brand));
  const own = real.find(({ brand }) => brand !== "Chromium") ?? real[0];
  return own ? words(own.brand, own.version) : "unknown browser";
}

function words(...parts: (string | undefined)[]): string {
  return parts.filter(Boolean).join(" ");
}
