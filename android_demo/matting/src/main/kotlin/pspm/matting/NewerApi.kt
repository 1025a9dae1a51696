package pspm.matting

/** Marks code that calls APIs newer than minSdk. The caller must check the Android version first. */
@Retention(AnnotationRetention.BINARY)
public annotation class NewerApi
