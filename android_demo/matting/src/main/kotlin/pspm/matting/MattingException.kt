package pspm.matting

/** What goes wrong because of what was given. The message names the input and the remedy, in one sentence. */
open class MattingException(message: String, cause: Throwable? = null) : Exception(message, cause)

/** A model that is damaged, foreign, or not what its manifest says. */
class ModelException(message: String, cause: Throwable? = null) : MattingException(message, cause)

/** A delegate that this device or engine will not run; the message says why. */
class DelegateRefused(val delegate: Delegate, reason: String, cause: Throwable? = null) :
    MattingException("the ${delegate.label} delegate is refused: $reason", cause)
