package org.tensorflow.lite

/**
 * How many steps the interpreter takes for one run: one where a delegate has the whole network, as many as there are
 * operators where it has none. TensorFlow Lite tells this to its own package alone.
 */
internal fun Interpreter.executionSteps(): Int = executionPlanLength
