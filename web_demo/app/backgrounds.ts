/** Background pictures that the page draws, so that it need not load any. */

export interface Background {
  name: string;
  draw: (context: CanvasRenderingContext2D, width: number, height: number) => void;
}

export const BACKGROUNDS: readonly Background[] = [
  {
    name: "Studio",
    draw: (context, width, height) => {
      const light = context.createRadialGradient(width * 0.5, height * 0.4, 0, width * 0.5, height * 0.5, width * 0.75);
      light.addColorStop(0, "#c9ccd2");
      light.addColorStop(1, "#5a5f6a");
      fill(context, width, height, light);
    },
  },
  {
    name: "Sunset",
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
    name: "Lights at night",
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

export function drawBackground(background: Background, width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  background.draw(canvas.getContext("2d")!, width, height);
  return canvas;
}

function fill(context: CanvasRenderingContext2D, width: number, height: number, style: CanvasGradient): void {
  context.fillStyle = style;
  context.fillRect(0, 0, width, height);
}
