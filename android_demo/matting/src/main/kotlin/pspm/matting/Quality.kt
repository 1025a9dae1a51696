package pspm.matting

/**
 * How much time a matte may take.
 *
 * [FAST] looks at a photo once, and closer at a few small people. [BALANCED] also finds out which way up the photo is, looks
 * for people who were missed, and looks at hair again from nearer. [BEST] does so for every person, with mirror images, and
 * follows all colours at the edges. A photo of one large person takes 1, 2 and 4 runs of the network.
 */
public enum class Quality { FAST, BALANCED, BEST }
