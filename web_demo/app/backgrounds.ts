/** Background pictures: drawn by the page, or loaded when they are shown. */

type Draw = (context: CanvasRenderingContext2D, width: number, height: number) => void;
export type BackgroundName = "studio" | "sunset" | "mountains" | "galaxies" | "lightsAtNight";
export type Background = { name: BackgroundName; draw: Draw } | { name: BackgroundName; file: string };

export const BACKGROUNDS: readonly Background[] = [
  {
    name: "studio",
    draw: (context, width, height) => {
      const light = context.createRadialGradient(width * 0.5, height * 0.4, 0, width * 0.5, height * 0.5, width * 0.75);
      light.addColorStop(0, "#c9ccd2");
      light.addColorStop(1, "#5a5f6a");
      fill(context, width, height, light);
    },
  },
  {
    name: "sunset",
    draw: (context, width, height) => {
      const sky = context.createLinearGradient(0, 0, 0, height);
      for (const [at, colour] of [
        [0, "#23204f"],
        [0.4, "#a6467a"],
        [0.68, "#ff8a5c"],
        [0.75, "#ffd59a"],
      ] as const) {
        sky.addColorStop(at, colour);
      }
      sky.addColorStop(0.751, "#35305f");
      sky.addColorStop(1, "#141230");
      fill(context, width, height, sky);
      const sun = context.createRadialGradient(width * 0.3, height * 0.68, 0, width * 0.3, height * 0.68, height * 0.2);
      sun.addColorStop(0, "rgb(255 244 214 / 100%)");
      sun.addColorStop(0.3, "rgb(255 226 160 / 80%)");
      sun.addColorStop(1, "rgb(255 200 120 / 0%)");
      context.fillStyle = sun;
      context.fillRect(0, 0, width, height * 0.75);
    },
  },
  {
    name: "mountains",
    draw: (context, width, height) => {
      const sky = context.createLinearGradient(0, 0, 0, height * 0.7);
      sky.addColorStop(0, "#7fa6c9");
      sky.addColorStop(1, "#f4e3cf");
      fill(context, width, height, sky);
      // Each ridge is nearer, darker and rougher than the one behind it.
      for (let ridge = 0; ridge < 6; ridge++) {
        const near = ridge / 5;
        const base = height * (0.42 + 0.11 * ridge);
        const mist = context.createLinearGradient(0, base - height * 0.16, 0, base + height * 0.2);
        mist.addColorStop(0, mix([150, 170, 190], [26, 44, 46], near));
        mist.addColorStop(1, mix([214, 208, 200], [44, 66, 58], near));
        context.fillStyle = mist;
        context.beginPath();
        context.moveTo(0, height);
        for (let x = 0; x <= 100; x++) {
          const wave = [1.7, 4.1, 9.7, 23].reduce((sum, pace, i) => sum + Math.sin((x / 100) * pace * 3 + ridge * 7.3 * (i + 1)) / pace, 0);
          context.lineTo((x / 100) * width, base - height * (0.05 + 0.05 * near) * wave * 1.6);
        }
        context.lineTo(width, height);
        context.fill();
      }
    },
  },
  { name: "galaxies", file: "./galaxies.jpg" },
  {
    name: "lightsAtNight",
    draw: (context, width, height) => {
      const night = context.createLinearGradient(0, 0, width, height);
      night.addColorStop(0, "#0d1530");
      night.addColorStop(1, "#33204a");
      fill(context, width, height, night);
      const colours = ["255 190 110", "255 120 140", "120 190 255", "255 235 190"];
      // The golden angle spreads the lights without a visible pattern.
      for (let i = 0; i < 70; i++) {
        const turn = i * 2.399963;
        const x = width * (0.5 + 0.55 * Math.sqrt(i / 70) * Math.cos(turn));
        const y = height * (0.55 + 0.5 * Math.sqrt(i / 70) * Math.sin(turn));
        const radius = (height / 40) * (1 + ((i * 7) % 5) / 2.5);
        context.fillStyle = `rgb(${colours[i % colours.length]!} / ${12 + ((i * 13) % 26)}%)`;
        context.beginPath();
        context.arc(x, y, radius, 0, 2 * Math.PI);
        context.fill();
      }
    },
  },
];

/** A background's picture of width x height pixels. Throws an Error if its file cannot be loaded. */
export async function backgroundPicture(background: Background, width: number, height: number): Promise<HTMLCanvasElement> {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d")!;
  if ("draw" in background) background.draw(context, width, height);
  else drawCovering(context, await load(background.file), width, height);
  return canvas;
}

async function load(file: string): Promise<ImageBitmap> {
  const response = await fetch(file);
  if (!response.ok) throw new Error(response.statusText);
  return await createImageBitmap(await response.blob());
}

function drawCovering(context: CanvasRenderingContext2D, picture: ImageBitmap, width: number, height: number): void {
  const scale = Math.max(width / picture.width, height / picture.height);
  const [wide, high] = [picture.width * scale, picture.height * scale];
  context.drawImage(picture, (width - wide) / 2, (height - high) / 2, wide, high);
  picture.close();
}

function mix(far: readonly number[], near: readonly number[], share: number): string {
  return `rgb(${far.map((value, i) => Math.round(value + (near[i]! - value) * share)).join(" ")})`;
}

function fill(context: CanvasRenderingContext2D, width: number, height: number, style: CanvasGradient): void {
  context.fillStyle = style;
  context.fillRect(0, 0, width, height);
}
