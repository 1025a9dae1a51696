import MattingCore
import PhotosUI
import PortraitMattingKit
import SwiftUI
import UIKit

/// The choice of background, for the Live and the Photo screen.
struct Options: Equatable {
    enum Effect: String, CaseIterable, Identifiable {
        case none, blur, colour, picture

        var id: Self { self }
    }

    var effect = Effect.blur
    var strength = 0.5
    var colour = Color.blue
    var picture: CGImage?

    /// The background for the live renderer. Until a picture is chosen there is none.
    var live: LiveBackground {
        let (red, green, blue) = colour.components
        switch effect {
        case .none: return .none
        case .blur: return .blur(strength: strength)
        case .colour: return .colour(red: red, green: green, blue: blue)
        case .picture: return picture.map { .picture($0) } ?? .none
        }
    }

    /// The result for a photo, at its size. Without a picture the person is cut out.
    func applied(to photo: MattedPhoto) throws -> CGImage {
        let (red, green, blue) = colour.components
        switch effect {
        case .none: return try photo.cutOut()
        case .blur: return try photo.blurBackground(strength: strength)
        case .colour: return try photo.replaceBackground(with: .colour(red: red, green: green, blue: blue))
        case .picture:
            return try picture.map { try photo.replaceBackground(with: .picture($0)) } ?? photo.cutOut()
        }
    }
}

/// The controls for `Options`: a menu, and the settings of the chosen effect. They are stacked to leave room for long
/// words.
struct OptionsView: View {
    @Binding var options: Options
    /// The label of `Effect.none`: the original in Live, the cut-out in Photo.
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
                    Text("Blur strength")
                    Slider(value: $options.strength, in: 0...1).accessibilityLabel(Text("Blur strength"))
                }
            case .colour: ColorPicker("Background colour", selection: $options.colour, supportsOpacity: false)
            case .picture:
                PhotosPicker(selection: $item, matching: .images) {
                    Label("Choose a background picture", systemImage: "photo.on.rectangle")
                }
            }
        }
        .onChange(of: item) { chosen in
            guard let chosen else { return }
            // So that the same picture can be chosen again.
            item = nil
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
    /// Decode the picked photo upright. Throws `MattingError.photoUnreadable`, also if the photo no longer exists.
    func upright() async throws -> (image: CGImage, isSmaller: Bool) {
        guard let data = try? await loadTransferable(type: Data.self) else { throw MattingError.photoUnreadable }
        return try await Task.detached { try PhotoFile.decode(data) }.value
    }
}

extension Color {
    /// Red, green and blue in sRGB, from 0 to 1. A colour of P3 may lie outside.
    var components: (Double, Double, Double) {
        var (red, green, blue, alpha): (CGFloat, CGFloat, CGFloat, CGFloat) = (0, 0, 0, 0)
        UIColor(self).getRed(&red, green: &green, blue: &blue, alpha: &alpha)
        return (Double(red), Double(green), Double(blue))
    }
}
