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
  const brand = data.brands.find(({ brand }) => !/not.*brand|^chromium$/i.test(brand)) ?? data.brands[0];
  return {
    name: known["model"] || data.platform || "unknown",
    system: `${data.platform} ${known["platformVersion"] ?? ""}, ${brand?.brand ?? "Chromium"} ${brand?.version ?? ""}`,
    processor: `${known["architecture"] || "unknown"} ${known["bitness"] ?? ""}; GPU ${graphics}`,
    cores,
  };
}
