// Stub: declares the parts of this framework that the sources use, to type-check them without Apple's SDK.
@_exported import CoreGraphics
import Foundation
import UIKit

// View protocol and builders.

@MainActor @preconcurrency public protocol View {
    associatedtype Body: View
    @ViewBuilder var body: Body { get }
}

extension Never: View { public var body: Never { fatalError() } }

extension Optional: View where Wrapped: View { public var body: Never { fatalError() } }

public struct EmptyView: View {
    public init() {}
    public var body: Never { fatalError() }
}

public struct Built: View { public var body: Never { fatalError() } }

@resultBuilder public struct ViewBuilder {
    public static func buildExpression<V: View>(_ view: V) -> V { view }
    public static func buildBlock() -> EmptyView { EmptyView() }
    public static func buildPartialBlock<V: View>(first: V) -> V { first }
    public static func buildPartialBlock<V: View, W: View>(accumulated: V, next: W) -> Built { Built() }
    public static func buildOptional<V: View>(_ view: V?) -> V? { view }
    public static func buildEither<V: View>(first: V) -> Built { Built() }
    public static func buildEither<V: View>(second: V) -> Built { Built() }
}

@MainActor @preconcurrency public protocol App {
    associatedtype Content: Scene
    init()
    var body: Content { get }
}

extension App { public static func main() {} }

@MainActor @preconcurrency @propertyWrapper public struct UIApplicationDelegateAdaptor<
    Delegate: NSObject & UIApplicationDelegate
> {
    nonisolated public init(_ type: Delegate.Type) {}
    public var wrappedValue: Delegate { fatalError() }
}

public protocol Scene {}

public struct WindowGroup<Content: View>: Scene {
    public init(@ViewBuilder content: () -> Content) {}
}

public enum ScenePhase { case background, inactive, active }

public struct DismissAction { public func callAsFunction() {} }

public struct EnvironmentValues {
    public var scenePhase: ScenePhase { .active }
    public var dismiss: DismissAction { DismissAction() }
}

// State.

public protocol ObservableObject: AnyObject {}

@propertyWrapper public struct Published<Value> {
    public init(wrappedValue: Value) { self.wrappedValue = wrappedValue }
    public var wrappedValue: Value
}

@propertyWrapper @dynamicMemberLookup public struct Binding<Value> {
    public init(get: @escaping () -> Value, set: @escaping (Value) -> Void) { fatalError() }
    public var wrappedValue: Value {
        get { fatalError() }
        nonmutating set {}
    }
    public var projectedValue: Binding<Value> { self }
    public subscript<Part>(dynamicMember path: WritableKeyPath<Value, Part>) -> Binding<Part> { fatalError() }
}

@propertyWrapper public struct State<Value> {
    public init(wrappedValue: Value) {}
    public init(initialValue: Value) {}
    public var wrappedValue: Value {
        get { fatalError() }
        nonmutating set {}
    }
    public var projectedValue: Binding<Value> { fatalError() }
}

extension State where Value: ExpressibleByNilLiteral { public init() {} }

@MainActor @preconcurrency @propertyWrapper public struct StateObject<Object: ObservableObject> {
    @dynamicMemberLookup public struct Wrapper {
        public subscript<Part>(dynamicMember path: ReferenceWritableKeyPath<Object, Part>) -> Binding<Part> {
            fatalError()
        }
    }
    nonisolated public init(wrappedValue: @autoclosure @escaping () -> Object) {}
    public var wrappedValue: Object { fatalError() }
    public var projectedValue: Wrapper { fatalError() }
}

@MainActor @preconcurrency @propertyWrapper public struct ObservedObject<Object: ObservableObject> {
    nonisolated public init(wrappedValue: Object) {}
    public var wrappedValue: Object { fatalError() }
    public var projectedValue: StateObject<Object>.Wrapper { fatalError() }
}

@propertyWrapper public struct Environment<Value> {
    public init(_ path: KeyPath<EnvironmentValues, Value>) {}
    public var wrappedValue: Value { fatalError() }
}

public struct EverySecond { public func autoconnect() -> EverySecond { self } }

extension Timer {
    public static func publish(every: TimeInterval, on: RunLoop, in: RunLoop.Mode) -> EverySecond { EverySecond() }
}

// Text.

public struct LocalizedStringKey: ExpressibleByStringInterpolation, Equatable {
    public init(stringLiteral: String) {}
    public init(stringInterpolation: StringInterpolation) {}
    public struct StringInterpolation: StringInterpolationProtocol {
        public init(literalCapacity: Int, interpolationCount: Int) {}
        public mutating func appendLiteral(_ literal: String) {}
        public mutating func appendInterpolation(_ text: String) {}
        public mutating func appendInterpolation(_ number: Double, specifier: String) {}
        public mutating func appendInterpolation(_ number: Int, specifier: String) {}
    }
}

extension String {
    public struct LocalizationValue: ExpressibleByStringLiteral { public init(stringLiteral: String) {} }
    public init(localized: LocalizationValue) { self = "" }
}

// Appearance and layout.

public struct Font {
    public static let largeTitle = Font()
    public static let title2 = Font()
    public static let headline = Font()
    public static let subheadline = Font()
    public static let footnote = Font()
}

public struct Material {}

extension ShapeStyle where Self == Material {
    public static var thinMaterial: Material { Material() }
    public static var regularMaterial: Material { Material() }
}

public protocol ShapeStyle {}
extension Material: ShapeStyle {}

public enum HorizontalAlignment { case leading, center, trailing }
public struct Alignment {
    public static let leading = Alignment()
    public static let trailing = Alignment()
    public static let center = Alignment()
    public static let top = Alignment()
    public static let bottom = Alignment()
}

public struct Edge {
    public struct Set: OptionSet, Sendable {
        public let rawValue: Int8
        public init(rawValue: Int8) { self.rawValue = rawValue }
        public static let top = Set(rawValue: 1)
        public static let trailing = Set(rawValue: 8)
        public static let horizontal = Set(rawValue: 10)
        public static let all = Set(rawValue: 15)
    }
}

public struct Axis {
    public struct Set: OptionSet, Sendable {
        public let rawValue: Int8
        public init(rawValue: Int8) { self.rawValue = rawValue }
        public static let horizontal = Set(rawValue: 1)
        public static let vertical = Set(rawValue: 2)
    }
}

public struct SafeAreaRegions: OptionSet, Sendable {
    public let rawValue: UInt
    public init(rawValue: UInt) { self.rawValue = rawValue }
    public static let all = SafeAreaRegions(rawValue: 1)
}

public enum DynamicTypeSize: Comparable { case large, accessibility1, accessibility5 }

public struct Color: Equatable, Sendable, ShapeStyle, View {
    public static let black = Color()
    public static let clear = Color()
    public static let blue = Color()
    public init(white: Double) {}
    init() {}
    public var body: Never { fatalError() }
}

extension ShapeStyle where Self == Color { public static var red: Color { Color() } }

public protocol Shape: View {}

public struct RoundedRectangle: Shape {
    public init(cornerRadius: CGFloat) {}
    public var body: Never { fatalError() }
}

public struct Path {
    public init() {}
    public init(_ rect: CGRect) {}
    public mutating func addRect(_ rect: CGRect) {}
}

public struct GraphicsContext {
    public struct Shading { public static func color(_ color: Color) -> Shading { Shading() } }
    public func fill(_ path: Path, with shading: Shading) {}
}

public struct Canvas: View {
    public init(renderer: @escaping (inout GraphicsContext, CGSize) -> Void) {}
    public var body: Never { fatalError() }
}

extension UIColor { public convenience init(_ colour: Color) { self.init() } }

public struct AccessibilityTraits { public static let isImage = AccessibilityTraits() }
public struct AccessibilityChildBehavior {
    public static let ignore = AccessibilityChildBehavior()
    public static let contain = AccessibilityChildBehavior()
    public static let combine = AccessibilityChildBehavior()
}

public protocol PickerStyle {}
public struct MenuPickerStyle: PickerStyle {}
extension PickerStyle where Self == MenuPickerStyle { public static var menu: MenuPickerStyle { MenuPickerStyle() } }

public protocol LabelStyle {}
public struct IconOnlyLabelStyle: LabelStyle {}
extension LabelStyle where Self == IconOnlyLabelStyle {
    public static var iconOnly: IconOnlyLabelStyle { IconOnlyLabelStyle() }
}

public protocol ToggleStyle {}
public struct ButtonToggleStyle: ToggleStyle {}
extension ToggleStyle where Self == ButtonToggleStyle {
    public static var button: ButtonToggleStyle { ButtonToggleStyle() }
}

public struct EnabledTextSelectability {}
public protocol TextSelectability {}
extension EnabledTextSelectability: TextSelectability {}
extension TextSelectability where Self == EnabledTextSelectability {
    public static var enabled: EnabledTextSelectability { EnabledTextSelectability() }
}

extension View {
    public func padding() -> some View { Built() }
    public func font(_ font: Font?) -> some View { Built() }
    public func padding(_ length: CGFloat) -> some View { Built() }
    public func padding(_ edges: Edge.Set, _ length: CGFloat?) -> some View { Built() }
    public func frame(maxWidth: CGFloat? = nil, maxHeight: CGFloat? = nil, alignment: Alignment = .center) -> some View {
        Built()
    }
    public func frame(height: CGFloat?) -> some View { Built() }
    public func ignoresSafeArea(_ regions: SafeAreaRegions = .all, edges: Edge.Set = .all) -> some View { Built() }
    public func background<S: ShapeStyle>(_ style: S) -> some View { Built() }
    public func background<S: ShapeStyle, T: Shape>(_ style: S, in shape: T) -> some View { Built() }
    public func background<V: View>(alignment: Alignment = .center, @ViewBuilder content: () -> V) -> some View {
        Built()
    }
    public func overlay<V: View>(alignment: Alignment = .center, @ViewBuilder content: () -> V) -> some View { Built() }
    public func foregroundStyle<S: ShapeStyle>(_ style: S) -> some View { Built() }
    public func monospacedDigit() -> some View { Built() }
    public func dynamicTypeSize<R: RangeExpression>(_ range: R) -> some View where R.Bound == DynamicTypeSize { Built() }
    public func labelStyle<S: LabelStyle>(_ style: S) -> some View { Built() }
    public func toggleStyle<S: ToggleStyle>(_ style: S) -> some View { Built() }
    public func accessibilityHidden(_ hidden: Bool) -> some View { Built() }
    public func sheet<Item: Identifiable, V: View>(
        item: Binding<Item?>, @ViewBuilder content: @escaping (Item) -> V
    ) -> some View { Built() }
    public func disabled(_ disabled: Bool) -> some View { Built() }
    public func tag<V: Hashable>(_ tag: V) -> some View { Built() }
    public func tabItem<V: View>(@ViewBuilder _ label: () -> V) -> some View { Built() }
    public func pickerStyle<S: PickerStyle>(_ style: S) -> some View { Built() }
    public func textSelection<S: TextSelectability>(_ selectability: S) -> some View { Built() }
    public func scaledToFit() -> some View { Built() }
    public func accessibilityLabel(_ label: Text) -> some View { Built() }
    public func accessibilityAddTraits(_ traits: AccessibilityTraits) -> some View { Built() }
    public func accessibilityElement(children: AccessibilityChildBehavior) -> some View { Built() }
    public func onAppear(perform action: (() -> Void)?) -> some View { Built() }
    public func onDisappear(perform action: (() -> Void)?) -> some View { Built() }
    public func onChange<V: Equatable>(of value: V, perform action: @escaping (V) -> Void) -> some View { Built() }
    public func onReceive(_ publisher: EverySecond, perform action: @escaping (Date) -> Void) -> some View { Built() }
    public func fullScreenCover<V: View>(isPresented: Binding<Bool>, @ViewBuilder content: @escaping () -> V) -> some View {
        Built()
    }
}

// Views.

public struct Text: View {
    public init(_ key: LocalizedStringKey) {}
    @_disfavoredOverload public init<S: StringProtocol>(_ text: S) {}
    public init(verbatim text: String) {}
    public init<F: FormatStyle>(_ input: F.FormatInput, format: F)
    where F.FormatInput: Equatable, F.FormatOutput == String {}
    public var body: Never { fatalError() }
}

public struct Image: View {
    public init(_ image: CGImage, scale: CGFloat, label: Text) {}
    public func resizable() -> Image { self }
    public var body: Never { fatalError() }
}

public struct Label: View {
    public init(_ key: LocalizedStringKey, systemImage: String) {}
    public var body: Never { fatalError() }
}

public struct Button<Content: View>: View {
    public init(action: @escaping @MainActor () -> Void, @ViewBuilder label: () -> Content) {}
    public var body: Never { fatalError() }
}

extension Button where Content == Text {
    public init(_ key: LocalizedStringKey, action: @escaping @MainActor () -> Void) {}
}

public struct Toggle<Content: View>: View {
    public init(isOn: Binding<Bool>, @ViewBuilder label: () -> Content) {}
    public var body: Never { fatalError() }
}

extension Toggle where Content == Text { public init(_ key: LocalizedStringKey, isOn: Binding<Bool>) {} }

public struct Slider: View {
    public init(value: Binding<Double>, in range: ClosedRange<Double>) {}
    public var body: Never { fatalError() }
}

public struct ColorPicker: View {
    public init(_ key: LocalizedStringKey, selection: Binding<Color>, supportsOpacity: Bool) {}
    public var body: Never { fatalError() }
}

public struct Picker<Value: Hashable, Content: View>: View {
    public init(_ key: LocalizedStringKey, selection: Binding<Value>, @ViewBuilder content: () -> Content) {}
    public var body: Never { fatalError() }
}

public struct ProgressView: View {
    public init(_ key: LocalizedStringKey) {}
    public var body: Never { fatalError() }
}

public struct ShareLink<Content: View>: View {
    public init(item: URL, @ViewBuilder label: () -> Content) {}
    public var body: Never { fatalError() }
}

public struct TabView<Content: View>: View {
    public init(@ViewBuilder content: () -> Content) {}
    public var body: Never { fatalError() }
}

public struct ScrollView<Content: View>: View {
    public init(@ViewBuilder content: () -> Content) {}
    public var body: Never { fatalError() }
}

public struct Group<Content: View>: View {
    public init(@ViewBuilder content: () -> Content) {}
    public var body: Never { fatalError() }
}

public struct VStack<Content: View>: View {
    public init(alignment: HorizontalAlignment = .center, spacing: CGFloat? = nil, @ViewBuilder content: () -> Content)
    {}
    public var body: Never { fatalError() }
}

public struct HStack<Content: View>: View {
    public init(@ViewBuilder content: () -> Content) {}
    public var body: Never { fatalError() }
}

public struct ZStack<Content: View>: View {
    public init(alignment: Alignment = .center, @ViewBuilder content: () -> Content) {}
    public var body: Never { fatalError() }
}

public struct ViewThatFits<Content: View>: View {
    public init(in axes: Axis.Set, @ViewBuilder content: () -> Content) {}
    public var body: Never { fatalError() }
}

public struct Spacer: View {
    public init() {}
    public var body: Never { fatalError() }
}

public struct ForEach<Content: View>: View {
    public init<Items: RandomAccessCollection, ID: Hashable>(
        _ items: Items, id: KeyPath<Items.Element, ID>, @ViewBuilder content: @escaping (Items.Element) -> Content
    ) {}
    public var body: Never { fatalError() }
}

public struct GeometryProxy { public var size: CGSize { .zero } }

public struct GeometryReader<Content: View>: View {
    public init(@ViewBuilder content: @escaping (GeometryProxy) -> Content) {}
    public var body: Never { fatalError() }
}

// UIKit integration.

public struct UIViewRepresentableContext<Maker: UIViewRepresentable> {
    public var coordinator: Maker.Coordinator { fatalError() }
}

public struct UIViewControllerRepresentableContext<Maker: UIViewControllerRepresentable> {
    public var coordinator: Maker.Coordinator { fatalError() }
}

@MainActor @preconcurrency public protocol UIViewRepresentable: View where Body == Never {
    associatedtype UIViewType: UIView
    associatedtype Coordinator = Void
    typealias Context = UIViewRepresentableContext<Self>
    func makeUIView(context: Context) -> UIViewType
    func updateUIView(_ view: UIViewType, context: Context)
    func makeCoordinator() -> Coordinator
}

extension UIViewRepresentable { public var body: Never { fatalError() } }

@MainActor @preconcurrency public protocol UIViewControllerRepresentable: View where Body == Never {
    associatedtype UIViewControllerType: UIViewController
    associatedtype Coordinator = Void
    typealias Context = UIViewControllerRepresentableContext<Self>
    func makeUIViewController(context: Context) -> UIViewControllerType
    func updateUIViewController(_ controller: UIViewControllerType, context: Context)
    func makeCoordinator() -> Coordinator
}

extension UIViewControllerRepresentable { public var body: Never { fatalError() } }
