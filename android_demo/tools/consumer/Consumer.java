import android.content.Context;
import android.graphics.Bitmap;
import android.graphics.Color;
import java.util.concurrent.CancellationException;
import java.util.function.IntConsumer;
import pspm.matting.ErrorKind;
import pspm.matting.MattingException;
import pspm.matting.NoPersonException;
import pspm.matting.PortraitMatting;
import pspm.matting.Progress;
import pspm.matting.Quality;
import pspm.matting.engine.Delegate;

/** An app's code in Java. It is compiled against the AAR: names, defaults and checked exceptions are as Java expects. */
final class Consumer {
    private Consumer() {}

    static Bitmap onBlue(Context context, Bitmap photo) {
        try (PortraitMatting matting = PortraitMatting.load(context)) {
            Bitmap matte = matting.predictAlpha(photo, true);
            return matting.replaceBackground(photo, Color.BLUE, matte);
        } catch (NoPersonException error) {
            return photo;
        } catch (MattingException error) {
            throw new IllegalStateException(error);
        }
    }

    static Bitmap blurred(Context context, Bitmap photo) throws MattingException {
        try (PortraitMatting matting = PortraitMatting.load(context, PortraitMatting.DEFAULT_BUNDLE, Delegate.GPU)) {
            matting.cutOut(photo);
            matting.replaceBackground(photo, photo);
            return matting.blurBackground(photo, 0.5);
        }
    }

    /** Null if another thread cancelled it. */
    static Bitmap followed(PortraitMatting matting, Bitmap photo, Progress progress) throws MattingException {
        try {
            Bitmap matte = matting.predictAlpha(photo, true, Quality.BEST, progress);
            return matting.cutOut(photo, matte, progress);
        } catch (CancellationException ended) {
            return null;
        }
    }

    /** The app's own words for the errors that its users meet; the library's for those of its developers. */
    static String text(MattingException error) {
        switch (error.getKind()) {
            case NO_PERSON:
                return "Kein Mensch gefunden.";
            case ENGINE_FAILED:
                return String.format("%1$s ist ausgefallen (%2$s).", error.getArguments().toArray());
            default:
                return error.getMessage();
        }
    }

    /** An error of an app's own source of models. */
    static MattingException notYetLoaded(String name) {
        MattingException error = new MattingException(name + " is not loaded yet; connect to the internet");
        assert error.getKind() == ErrorKind.OTHER;
        return error;
    }

    static Progress percentages(IntConsumer show) {
        return new Progress((step, done, of) -> show.accept(of == 0 ? 0 : 100 * done / of));
    }
}
