// Run a folder of `pspm export --layout huggingface` in transformers.js: node transformers_check.mjs FOLDER PHOTO RESULT
import path from "node:path";

import { env, pipeline } from "@huggingface/transformers";

const [folder, photo, result] = process.argv.slice(2);
env.allowRemoteModels = false;
env.localModelPath = `${path.dirname(folder)}/`;
const remove = await pipeline("background-removal", path.basename(folder), { dtype: "fp16" });
const [cutout] = [await remove(photo)].flat();
await cutout.save(result);
