import java.awt.image.BufferedImage;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import pspm.matting.Bundle;
import pspm.matting.Matting;
import pspm.matting.engine.Delegate;
import pspm.matting.engine.TensorFlowLiteEngine;
import pspm.matting.pictures.Photo;

/**
 * Matte SHIM BUNDLE PHOTO: predicts the matte of a photo of somebody with a bundle's network, and prints a checksum of it. It
 * runs in a desktop's JVM, before and after R8 has shrunk its classes and renamed them.
 */
final class Matte {
    private Matte() {}

    public static void main(String[] arguments) throws Exception {
        for (String name : new String[] {"libc.so", "libm.so", "libdl.so", "liblog.so"}) {
            System.load(new File(arguments[0], name).getAbsolutePath());
        }
        File folder = new File(arguments[1]);
        Bundle bundle = Bundle.read(new FileInputStream(new File(folder, "manifest.json")), name -> open(folder, name));
        BufferedImage image = ImageIO.read(new File(arguments[2]));
        int width = image.getWidth();
        int height = image.getHeight();
        Photo photo = new Photo(width, height, image.getRGB(0, 0, width, height, null, 0, width));
        try (Matting matting = new Matting(bundle, TensorFlowLiteEngine.open(bundle.getModel(), Delegate.CPU, 1))) {
            CRC32 sum = new CRC32();
            sum.update(matting.predictAlpha(photo, true).getValues());
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
