import Foundation
import MattingCore
import Testing

/// Compare every stage with the Python runtime, on the test vectors that it wrote.
///
/// Errors are shares of the full range: 1/255 is one step of an 8-bit picture. The vectors hold the specification, which
/// says how large a stage's mean and largest error may be.
@Suite struct ParityTests {
    @Test func runsEveryStageThatItIsNotExcusedFrom() throws {
        let others = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "LookParityTests.swift")
        let source =
            try String(contentsOfFile: #filePath, encoding: .utf8) + String(contentsOf: others, encoding: .utf8)
        let tests = source.matches(of: #/Test\(arguments: Vectors\.cases\(of: "([a-z-]+)"\)\)/#)
        #expect(Set(tests.map { String($0.output.1) }) == Vectors.stages)
    }

    @Test(arguments: Vectors.cases(of: "fit"))
    func fit(_ it: Case) {
        let frames = it.input("frames").numbers.map { Int($0) }
        let sizes = stride(from: 0, to: frames.count, by: 2).flatMap { i in
            let size = it.rule.fit(PixelSize(width: frames[i], height: frames[i + 1]))
            return [Double(size.width), Double(size.height)]
        }
        expect(sizes, it.output("sizes").numbers, it)
    }

    @Test(arguments: Vectors.cases(of: "cover-box"))
    func cover(_ it: Case) {
        let frame = it.numbers("frame").map { Int($0) }
        let pictures = it.input("pictures").numbers.map { Int($0) }
        let boxes = stride(from: 0, to: pictures.count, by: 2).flatMap { i in
            let box = coverBox(
                picture: PixelSize(width: pictures[i], height: pictures[i + 1]),
                frame: PixelSize(width: frame[0], height: frame[1]))
            return [box.left, box.top, box.right, box.bottom]
        }
        expect(boxes, it.output("boxes").numbers, it)
    }

    @Test(arguments: Vectors.cases(of: "orient"))
    func orient(_ it: Case) throws {
        let orientation = try #require(ExifOrientation(rawValue: Int(it.number("exif"))))
        expect(it.input("image").picture.upright(orientation), it.output("image").picture, it)
    }

    @Test(arguments: Vectors.cases(of: "network-view"))
    func resize(_ it: Case) {
        let photo = PixelPhoto(image: it.input("image").picture, transparency: it.inputs["transparency"]?.picture)
        let expected = it.output("view").picture
        #expect(it.rule.fit(photo.image.size) == expected.size)
        expect(networkView(of: photo, size: expected.size), expected, it)
    }

    @Test(arguments: Vectors.cases(of: "normalise"))
    func normalise(_ it: Case) {
        let found = normalised(it.input("view").picture, mean: it.numbers("mean"), std: it.numbers("std"))
        expect(found.map { Double($0) }, it.output("image").numbers, it)
    }

    @Test(arguments: Vectors.cases(of: "settle"))
    func settling(_ it: Case) {
        expect(settle(it.input("alpha").alpha).values.map { Double($0) }, it.output("alpha").numbers, it)
    }

    @Test(arguments: Vectors.cases(of: "box-mean"))
    func means(_ it: Case) {
        let x = it.input("x")
        let found = x.planes.flatMap {
            boxMean($0, width: x.shape[2], height: x.shape[1], radius: Int(it.number("radius")))
        }
        expect(found.map { Double($0) }, it.output("mean").numbers, it)
    }

    @Test(arguments: Vectors.cases(of: "linear-models"))
    func models(_ it: Case) {
        let found = linearModels(guide: brightness(of: it.input("view").picture), alpha: it.input("alpha").alpha)
        let expected = it.output("slope").numbers + it.output("offset").numbers
        expect((found.slope.values + found.offset.values).map { Double($0) }, expected, it)
    }

    @Test(arguments: Vectors.cases(of: "refine"))
    func refining(_ it: Case) {
        let found = refine(
            alpha: it.input("alpha").alpha, view: it.input("view").picture, image: it.input("image").picture)
        expect(found, it.output("matte").picture, it)
    }

    @Test(arguments: Vectors.cases(of: "foreground"))
    func foreground(_ it: Case) throws {
        let found = try estimateForeground(image: it.input("image").picture, matte: it.input("matte").picture)
        expect(found, it.output("foreground").picture, it)
    }

    @Test(arguments: Vectors.cases(of: "compose"))
    func composite(_ it: Case) throws {
        var found = it.input("foreground").picture
        try compose(&found, matte: it.input("matte").picture, over: it.input("picture").picture)
        expect(found, it.output("image").picture, it)
    }

    @Test(arguments: Vectors.cases(of: "replace-background"))
    func replace(_ it: Case) throws {
        let found = try replaceBackground(
            image: it.input("image").picture, matte: it.input("matte").picture, with: it.input("picture").picture)
        expect(found, it.output("image").picture, it)
    }

    @Test(arguments: Vectors.cases(of: "cut-out"))
    func cutting(_ it: Case) throws {
        let found = try cutOut(image: it.input("image").picture, matte: it.input("matte").picture)
        expect(found, it.output("image").picture, it)
    }

    @Test(arguments: Vectors.cases(of: "disc-blur"))
    func disc(_ it: Case) {
        let light = it.input("light")
        let found = discBlur(
            light: light.planes, weight: it.input("weight").floats, width: light.shape[2], height: light.shape[1],
            radius: it.number("radius"))
        expect(found.flatMap { $0 }.map { Double($0) }, it.output("light").numbers, it)
    }

    @Test(arguments: Vectors.cases(of: "blur-background"))
    func blur(_ it: Case) throws {
        let found = try blurBackground(
            image: it.input("image").picture, matte: it.input("matte").picture, strength: it.number("strength"))
        expect(found, it.output("image").picture, it)
    }

    @Test(arguments: Vectors.cases(of: "smooth"))
    func smooth(_ it: Case) {
        let frames = it.input("frames")
        var smoothing = TemporalSmoothing()
        let found = frames.planes.flatMap {
            smoothing.smooth(Raster(width: frames.shape[2], height: frames.shape[1], values: $0)).values
        }
        expect(found.map { Double($0) }, it.output("shown").numbers, it)
    }

    @Test(arguments: Vectors.cases(of: "statistics"))
    func statistics(_ it: Case) {
        let found = Statistics.summary(of: it.input("samples").numbers)
        let expected = ["mean", "p50", "p90", "p99"].map { it.output($0).numbers[0] }
        expect([found.mean, found.p50, found.p90, found.p99], expected, it)
    }

    @Test(arguments: Vectors.cases(of: "digest"))
    func digestOfAFolder(_ it: Case) throws {
        let folder = try TemporaryFolder()
        for (path, content) in it.inputs { try folder.write(content.bytes, to: path) }
        let expected = it.output("sha256").bytes.map { String(format: "%02x", $0) }.joined()
        #expect(try digest(of: folder.url) == expected)
        report(it, mean: 0, largest: 0)
    }

    @Test(arguments: Vectors.cases(of: "matte"))
    func matteFromThePythonNetworksAlpha(_ it: Case) async throws {
        let network = Vectors.named(it.name, of: "network")
        let engine = ReplayEngine(
            bundle: try ReplayEngine.bundle(it.rule), view: network.input("view").picture,
            alpha: network.output("alpha").alpha)
        let found = try await Matting(engine: engine)
            .matte(of: PixelPhoto(image: it.input("image").picture), quality: .fast)
        expect(found, it.output("matte").picture, it)
    }

    @Test(arguments: Vectors.cases(of: "person"))
    func findsSomebody(_ it: Case) async throws {
        let alpha = it.input("alpha").alpha
        let photo = Raster<UInt8>(width: alpha.width, height: alpha.height, channels: 3, filledWith: 0)
        let rule = InputSize(side: 1, multiple: 1, longest: 1, sizes: [alpha.size])
        let engine = ReplayEngine(bundle: try ReplayEngine.bundle(rule), view: photo, alpha: alpha)
        let found: Double
        do {
            _ = try await Matting(engine: engine)
                .matte(of: PixelPhoto(image: photo), requirePerson: true, quality: .fast)
            found = 1
        } catch MattingError.noPerson {
            found = 0
        }
        expect([found], it.output("person").numbers, it)
    }
}

/// An engine that returns the stored alpha of one view, and throws for any other.
private struct ReplayEngine: Engine {
    let bundle: ModelBundle
    let view: Raster<UInt8>
    let alpha: Raster<Float>

    static func bundle(_ size: InputSize) throws -> ModelBundle {
        try JSONDecoder().decode(ModelBundle.self, from: BundleFiles.content(size: size))
    }

    func inputSize(for photo: PixelSize) -> PixelSize { bundle.input.size.fit(photo) }

    func alpha(of view: Raster<UInt8>) async throws -> Raster<Float> {
        guard view == self.view else { throw MattingError.inferenceFailed("the view differs from Python's") }
        return alpha
    }
}
