package org.tensorflow.lite

/**
 * Number of steps of one run: 1 if a delegate runs the whole network, the number of operators if there is no delegate.
 * This file is in TensorFlow Lite's package because the property is package-private.
 */
internal fun Interpreter.executionSteps(): Int = executionPlanLength
