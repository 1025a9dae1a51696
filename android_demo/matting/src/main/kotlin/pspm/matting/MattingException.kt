package pspm.matting

import pspm.matting.engine.Delegate

/** Thrown for invalid inputs. The message is one sentence that names the input and the remedy. */
public open class MattingException(message: String, cause: Throwable? = null) : Exception(message, cause)

/** Thrown if a model is missing, damaged, not a matting network, or does not match its manifest. */
public class ModelException(message: String, cause: Throwable? = null) : MattingException(message, cause)

/** Thrown if the device or the engine cannot use a delegate. The message says why. */
public class DelegateRefused(public val delegate: Delegate, reason: String, cause: Throwable? = null) :
    MattingException("the ${delegate.label} delegate was refused: $reason", cause)

/** Thrown if the engine fails while it runs the network, as drivers of GPUs and NNAPI do. The message says what to try. */
public class EngineException(public val delegate: Delegate, reason: String, cause: Throwable? = null) :
    MattingException("the network failed on the ${delegate.label} ($reason); close other apps and try again", cause)
