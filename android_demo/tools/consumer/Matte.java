import java.io.File;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.zip.CRC32;
import pspm.matting.Bundle;
import pspm.matting.Matting;
import pspm.matting.engine.Delegate;
import pspm.matting.engine.TensorFlowLiteEngine;
import pspm.matting.pictures.Photo;

/**
 * Matte SHIM BUNDLE: predicts the matte of a generated photo with a bundle's network, and prints a checksum of it. It runs in
 * a desktop's JVM, before and after R8 has shrunk its classes and renamed them.
 */
final class Matte {
    private Matte() {}

    public static void main(String[] arguments) throws Exception {
        for (String name : new String[] {"libc.so", "libm.so", "libdl.so", "liblog.so"}) {
            System.load(new File(arguments[0], name).getAbsolutePath());
        }
        File folder = new File(arguments[1]);
        Bundle bundle = Bundle.read(new FileInputStream(new File(folder, "manifest.json")), name -> open(folder, name));
        int[] pixels = new int[300 * 200];
        for (int i = 0; i < pixels.length; i++) {
            int x = i % 300 - 150;
            int y = i / 300 - 110;
            pixels[i] = 0xff000000 | (x * x + y * y < 6000 ? 0xd0a080 : 0x305070 + i % 64);
        }
        try (Matting matting = new Matting(bundle, TensorFlowLiteEngine.open(bundle.getModel(), Delegate.CPU, 1))) {
            CRC32 sum = new CRC32();
            sum.update(matting.predictAlpha(new Photo(300, 200, pixels)).getValues());
            System.out.println(matting.getEngine().getName() + ", matte " + Long.toHexString(sum.getValue()));
        }
    }

    private static InputStream open(File folder, String name) {
        try {
            return new FileInputStream(new File(folder, name));
        } catch (FileNotFoundException error) {
            throw new UncheckedIOException(error);
        }
    }
}
