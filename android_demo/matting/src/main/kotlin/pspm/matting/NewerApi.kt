package pspm.matting

/** Marks code that calls what minSdk does not have, behind a check of the version or of the device. */
@Retention(AnnotationRetention.BINARY)
annotation class NewerApi
