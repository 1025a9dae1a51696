package pspm.matting

import pspm.matting.engine.Delegate

/**
 * Thrown for errors that a user or a developer can fix. The message is one English sentence that names the input and the
 * remedy. [kind] and [arguments] say the same to an app that has texts of its own.
 */
public open class MattingException : Exception {
    /** What went wrong. */
    public val kind: ErrorKind

    /** What takes the places in the pattern of [kind], in its order. */
    public val arguments: List<String>

    /** An error of one of the library's kinds. */
    @JvmOverloads
    public constructor(kind: ErrorKind, arguments: List<String> = emptyList(), cause: Throwable? = null) :
        super(kind.pattern.format(*arguments.toTypedArray()), cause) {
        this.kind = kind
        this.arguments = arguments
    }

    /** An error of your own engine or source of models, of the kind [ErrorKind.OTHER]. */
    @JvmOverloads
    public constructor(message: String, cause: Throwable? = null) : this(ErrorKind.OTHER, listOf(message), cause)
}

/** Thrown if a model is missing, damaged, not a matting network, or does not match its manifest. */
public class ModelException
@JvmOverloads
constructor(
    kind: ErrorKind,
    arguments: List<String> = emptyList(),
    cause: Throwable? = null
) : MattingException(kind, arguments, cause)

/** Thrown if the device or the engine cannot use a delegate. The message says why. */
public class DelegateRefused : MattingException {
    /** The delegate that cannot be used. */
    public val delegate: Delegate

    internal constructor(delegate: Delegate, kind: ErrorKind, details: List<String>, cause: Throwable?) :
        super(kind, listOf(delegate.name) + details, cause) {
        this.delegate = delegate
    }

    @JvmOverloads
    public constructor(delegate: Delegate, reason: String, cause: Throwable? = null) :
        this(delegate, ErrorKind.DELEGATE_REFUSED, listOf(reason), cause)
}

/**
 * Thrown if the engine fails while it runs the network, as drivers of GPUs and NNAPI do. The message says what to try.
 * [reason]: what the engine or a driver says.
 */
public class EngineException
@JvmOverloads
constructor(
    public val delegate: Delegate,
    public val reason: String,
    cause: Throwable? = null
) : MattingException(ErrorKind.ENGINE_FAILED, listOf(delegate.name, reason), cause)
