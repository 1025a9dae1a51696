import SwiftUI

/// A checkerboard, to lie behind a picture of which parts are transparent.
struct Checkerboard: View {
    /// Side of a square, in points.
    private static let side: CGFloat = 10

    var body: some View {
        Canvas { context, size in
            let whole = CGRect(origin: .zero, size: size)
            context.fill(Path(whole), with: .color(Color(white: 1)))
            var grey = Path()
            for row in 0..<Int((size.height / Self.side).rounded(.up)) {
                for column in 0..<Int((size.width / Self.side).rounded(.up)) where (row + column).isMultiple(of: 2) {
                    let square = CGRect(
                        x: CGFloat(column) * Self.side, y: CGFloat(row) * Self.side, width: Self.side,
                        height: Self.side)
                    grey.addRect(square.intersection(whole))
                }
            }
            context.fill(grey, with: .color(Color(white: 0.8)))
        }
        .accessibilityHidden(true)
    }
}
