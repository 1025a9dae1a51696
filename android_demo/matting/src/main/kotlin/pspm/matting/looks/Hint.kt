package pspm.matting.looks

/** A trace of somebody: how clear it is, and a [window] around it. */
internal class Hint(val clearness: Float, val window: Area)
