package pspm.demo

import android.content.Context
import android.graphics.drawable.Drawable
import android.graphics.drawable.GradientDrawable
import android.graphics.drawable.InsetDrawable
import android.graphics.drawable.StateListDrawable
import android.util.AttributeSet
import android.widget.RadioButton
import android.widget.RadioGroup
import pspm.matting.pictures.rgb

/** A row of colours to choose the background from. */
class Swatches(context: Context, attributes: AttributeSet?) : RadioGroup(context, attributes) {
    /** Called with the chosen colour when the user taps a swatch. */
    var onChoice: (Int) -> Unit = {}

    /** The chosen colour, packed as 0xAARRGGBB. */
    var colour: Int
        get() = COLOURS.first { it.id == checkedRadioButtonId }.colour
        set(value) = check(COLOURS.first { it.colour == value }.id)

    init {
        orientation = HORIZONTAL
        val side = resources.getDimensionPixelSize(R.dimen.touch)
        for (each in COLOURS) {
            val button = RadioButton(context)
            button.id = each.id
            button.buttonDrawable = null
            button.background = background(each.colour)
            button.contentDescription = context.getString(each.name)
            button.setOnClickListener { onChoice(each.colour) }
            addView(button, LayoutParams(side, side))
        }
        check(COLOURS.first().id)
    }

    private fun background(colour: Int) = StateListDrawable().apply {
        addState(intArrayOf(android.R.attr.state_checked), disc(colour, context.getColor(R.color.accent), R.dimen.ring))
        addState(intArrayOf(), disc(colour, context.getColor(R.color.line), R.dimen.hairline))
    }

    private fun disc(colour: Int, edge: Int, width: Int): Drawable {
        val disc = GradientDrawable().apply {
            shape = GradientDrawable.OVAL
            setColor(colour)
            setStroke(resources.getDimensionPixelSize(width), edge)
        }
        return InsetDrawable(disc, resources.getDimensionPixelSize(R.dimen.swatch_margin))
    }

    private class Colour(val id: Int, val name: Int, val colour: Int)

    private companion object {
        val COLOURS = listOf(
            Colour(R.id.blue, R.string.blue, rgb(32, 160, 255)),
            Colour(R.id.green, R.string.green, rgb(0, 177, 64)),
            Colour(R.id.white, R.string.white, rgb(255, 255, 255)),
            Colour(R.id.black, R.string.black, rgb(0, 0, 0)),
            Colour(R.id.orange, R.string.orange, rgb(255, 120, 40))
        )
    }
}
