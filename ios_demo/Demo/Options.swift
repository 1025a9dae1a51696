import MattingCore
import PhotosUI
import PortraitMatting
import SwiftUI
import UIKit

/// What is done with the background, the same on the screens Live and Photo.
struct Options: Equatable {
    enum Effect: String, CaseIterable, Identifiable {
        case none, blur, colour, picture

        var id: Self { self }
    }

    var effect = Effect.blur
    var strength = 0.5
    var colour = Color.blue
    var picture: CGImage?

    /// As the live renderer takes it; without a picture chosen yet there is no new background.
    var live: LiveBackground {
        let (red, green, blue) = colour.components
        switch effect {
        case .none: return .none
        case .blur: return .blur(strength: strength)
        case .colour: return .colour(red: red, green: green, blue: blue)
        case .picture: return picture.map { .picture($0) } ?? .none
        }
    }
}

/// The controls for `Options`: a menu, and what belongs to the choice. Stacked, so that long words have room.
struct OptionsView: View {
    @Binding var options: Options
    /// What `Effect.none` is called: the original in Live, the cut-out in Photo.
    let nameOfNone: LocalizedStringKey
    let onError: (Error) -> Void

    @State private var item: PhotosPickerItem?

    var body: some View {
        VStack(alignment: .leading, spacing: 12) {
            Picker("Background", selection: $options.effect) {
                Text(nameOfNone).tag(Options.Effect.none)
                Text("Blur").tag(Options.Effect.blur)
                Text("Colour").tag(Options.Effect.colour)
                Text("Picture").tag(Options.Effect.picture)
            }
            .pickerStyle(.menu)
            switch options.effect {
            case .none: EmptyView()
            case .blur:
                VStack(alignment: .leading) {
                    Text("Strength of the blur")
                    Slider(value: $options.strength, in: 0...1).accessibilityLabel(Text("Strength of the blur"))
                }
            case .colour: ColorPicker("Colour of the background", selection: $options.colour, supportsOpacity: false)
            case .picture:
                PhotosPicker(selection: $item, matching: .images) {
                    Label("Choose a background picture", systemImage: "photo.on.rectangle")
                }
            }
        }
        .onChange(of: item) { chosen in
            guard let chosen else { return }
            Task {
                do {
                    options.picture = try await chosen.upright().image
                } catch {
                    onError(error)
                }
            }
        }
    }
}

extension PhotosPickerItem {
    /// The photo that was picked. Throws `MattingError.photoUnreadable`, also where it is gone by now.
    func upright() async throws -> (image: CGImage, isSmaller: Bool) {
        guard let data = try? await loadTransferable(type: Data.self) else { throw MattingError.photoUnreadable }
        return try await Task.detached { try PhotoFile.decode(data) }.value
    }
}

extension Color {
    /// Red, green and blue from 0 to 1.
    var components: (Double, Double, Double) {
        var (red, green, blue, alpha): (CGFloat, CGFloat, CGFloat, CGFloat) = (0, 0, 0, 0)
        UIColor(self).getRed(&red, green: &green, blue: &blue, alpha: &alpha)
        return (Double(red), Double(green), Double(blue))
    }
}
