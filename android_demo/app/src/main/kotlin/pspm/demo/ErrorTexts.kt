package pspm.demo

import android.content.res.Resources
import pspm.matting.ErrorKind
import pspm.matting.MattingException

/** The text of an error in the user's language. */
val ErrorKind.text: Int
    get() = when (this) {
        ErrorKind.NO_PERSON -> R.string.error_no_person
        ErrorKind.BLUR_OUT_OF_RANGE -> R.string.error_blur_out_of_range
        ErrorKind.MATTE_DOES_NOT_FIT -> R.string.error_matte_does_not_fit
        ErrorKind.TOO_FEW_THREADS -> R.string.error_too_few_threads
        ErrorKind.ASSET_MISSING -> R.string.error_asset_missing
        ErrorKind.FILE_UNREADABLE -> R.string.error_file_unreadable
        ErrorKind.MODEL_DAMAGED -> R.string.error_model_damaged
        ErrorKind.MANIFEST_INVALID -> R.string.error_manifest_invalid
        ErrorKind.MODEL_FORMAT -> R.string.error_model_format
        ErrorKind.NOT_A_MATTING_NETWORK -> R.string.error_not_a_matting_network
        ErrorKind.MODEL_NUMBERS -> R.string.error_model_numbers
        ErrorKind.MODEL_SIZE -> R.string.error_model_size
        ErrorKind.MODEL_NOT_RUN -> R.string.error_model_not_run
        ErrorKind.ENGINE_MISSING -> R.string.error_engine_missing
        ErrorKind.ENGINE_FAILED -> R.string.error_engine_failed
        ErrorKind.DELEGATE_REFUSED -> R.string.error_delegate_refused
        ErrorKind.DELEGATE_MISSING -> R.string.error_delegate_missing
        ErrorKind.DELEGATE_LEAVES_STEPS -> R.string.error_delegate_leaves_steps
        ErrorKind.DELEGATE_FAILED_AT_FIRST -> R.string.error_delegate_failed_at_first
        ErrorKind.DELEGATE_FAILED_LATER -> R.string.error_delegate_failed_later
        ErrorKind.OTHER -> R.string.error_other
    }

/** An error as a sentence in the user's language. */
fun Resources.sentence(error: MattingException): String = getString(error.kind.text, *error.arguments.toTypedArray())
