package pspm.matting

/**
 * What went wrong, for apps that show texts of their own: in other languages, say. Names and arguments of kinds stay as they
 * are; later versions may have more kinds.
 *
 * [pattern]: the English sentence, without a capital letter and a full stop. `%1$s` and so on stand for the arguments of a
 * [MattingException]. An argument called a detail is text of the engine or of a driver, in its own language.
 */
public enum class ErrorKind(public val pattern: String) {
    /** The photo shows no person, and one is required. */
    NO_PERSON("no person was found in the photo; choose another photo"),

    /** Argument: the strength. */
    BLUR_OUT_OF_RANGE("blur strength %1\$s is out of range; choose a value from 0 to 1"),

    /** Arguments: configuration, width and height of the matte, width and height of the photo. */
    MATTE_DOES_NOT_FIT(
        "the matte is a %1\$s bitmap of %2\$s x %3\$s pixels; " +
            "pass the one that predictAlpha returned for this photo of %4\$s x %5\$s"
    ),

    /** Argument: the number of threads. */
    TOO_FEW_THREADS("threads must be at least 1, not %1\$s"),

    /** Argument: a path in the app's assets. */
    ASSET_MISSING("%1\$s is missing in the app's assets; add the bundle and build the app again"),

    /** Argument: the file's name. */
    FILE_UNREADABLE("%1\$s is missing or cannot be read; install the app again"),

    /** Arguments: the file's name, the beginnings of its sha256 and of the expected one. */
    MODEL_DAMAGED(
        "the model %1\$s is damaged or does not match its manifest (sha256 %2\$s..., expected %3\$s...); install the app again"
    ),

    /** The manifest is not one. */
    MANIFEST_INVALID("manifest.json is not a manifest of a pspm model; export the model again"),

    /** Argument: the model's format. */
    MODEL_FORMAT("the model has the format %1\$s; export it with --format tflite"),

    /** Arguments: the shapes of the model's input and output. */
    NOT_A_MATTING_NETWORK("the model maps %1\$s to %2\$s, not a picture to a matte; export a matting network"),

    /** Argument: the type of the model's numbers. */
    MODEL_NUMBERS("the model has %1\$s tensors, not FLOAT32 or INT8; export it again"),

    /** Arguments: width and height that the model takes, width and height by its manifest. */
    MODEL_SIZE("the model takes %1\$s x %2\$s pixels, but its manifest says %3\$s x %4\$s; export the model again"),

    /** Argument: a detail. */
    MODEL_NOT_RUN("TensorFlow Lite cannot run this model (%1\$s); export it again"),

    /** Argument: a detail. */
    ENGINE_MISSING("the app lacks TensorFlow Lite's library for this processor (%1\$s); add the device's ABI to the build"),

    /** The network failed while it ran. Arguments: the delegate, a detail. */
    ENGINE_FAILED("the network failed on the %1\$s (%2\$s); close other apps and try again"),

    /** Arguments: the delegate, a detail. */
    DELEGATE_REFUSED("the %1\$s delegate was refused: %2\$s"),

    /** Arguments: the delegate, a detail. */
    DELEGATE_MISSING("the %1\$s delegate was refused: the app lacks its library for this processor (%2\$s)"),

    /** The delegate runs too little of the network. Arguments: the delegate, steps that it leaves to the CPU, all steps. */
    DELEGATE_LEAVES_STEPS("the %1\$s delegate was refused: it leaves %2\$s of %3\$s steps to the CPU"),

    /** The delegate took the network and failed in its first run. Arguments: the delegate, a detail. */
    DELEGATE_FAILED_AT_FIRST("the %1\$s delegate was refused: it failed in a first run (%2\$s)"),

    /** The delegate ran the network and failed later. Arguments: the delegate, a detail. */
    DELEGATE_FAILED_LATER("the %1\$s delegate was refused: it failed while it ran (%2\$s)"),

    /** An error of an app's own engine or source of models. Argument: its message. */
    OTHER("%1\$s")
}
