package pspm.speed;

import java.io.File;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import java.awt.image.BufferedImage;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import pspm.matting.Bundle;
import pspm.matting.engine.Delegate;
import pspm.matting.engine.Engine;
import pspm.matting.LiveMatting;
import pspm.matting.MattingException;
import pspm.matting.pictures.Photo;
import pspm.matting.engine.TensorFlowLiteEngine;
import pspm.matting.pictures.YuvFrame;

/**
 * Measures the three stages of one camera frame with the sample portrait: from the camera's bytes to the network's input,
 * the network on one thread, and from its output to the frame with a new background. The frame has the size of the
 * network's input or that of a phone's preview.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class FrameSpeed {
    @Param({"mobile-fp16-256", "mobile-fp16-512"})
    public String bundle;

    @Param({"network", "480x640"})
    public String size;

    private Engine engine;
    private LiveMatting live;
    private YuvFrame source;
    private int[] frame;

    @Setup
    public void load() throws IOException, MattingException {
        for (String name : new String[] {"libc.so", "libm.so", "libdl.so", "liblog.so"}) {
            System.load(new File(System.getProperty("pspm.shim"), name).getAbsolutePath());
        }
        File folder = new File(System.getProperty("pspm.bundles"), bundle);
        Bundle read = Bundle.read(new FileInputStream(new File(folder, "manifest.json")), name -> open(folder, name));
        engine = TensorFlowLiteEngine.open(read.getModel(), Delegate.CPU, 1);
        boolean own = size.equals("network");
        int width = own ? engine.getWidth() : Integer.parseInt(size.split("x")[0]);
        int height = own ? engine.getHeight() : Integer.parseInt(size.split("x")[1]);
        live = new LiveMatting(read, engine, width, height);
        BufferedImage sample = ImageIO.read(new File(System.getProperty("pspm.sample")));
        BufferedImage upright = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        upright.getGraphics().drawImage(sample, (width - height) / 2, 0, height, height, null);
        source = new YuvFrame(width, height);
        source.fill(new Photo(width, height, upright.getRGB(0, 0, width, height, null, 0, width)));
        live.run(source, 0, false);
        frame = new int[width * height];
        source.toUpright(0, false, frame);
    }

    private static InputStream open(File folder, String name) {
        try {
            return new FileInputStream(new File(folder, name));
        } catch (FileNotFoundException error) {
            throw new UncheckedIOException(error);
        }
    }

    @TearDown
    public void close() throws Exception {
        engine.close();
    }

    @Benchmark
    public void pre() {
        source.toUpright(0, false, live.getFrame());
        live.preprocess();
    }

    @Benchmark
    public void inference() throws MattingException {
        engine.run();
    }

    @Benchmark
    public int post() {
        // The last call overwrote the frame with its result.
        System.arraycopy(frame, 0, live.getFrame(), 0, frame.length);
        live.postprocess();
        return live.getFrame()[0];
    }
}
