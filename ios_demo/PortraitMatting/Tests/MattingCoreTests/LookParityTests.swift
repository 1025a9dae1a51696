import Testing

@testable import MattingCore

/// Compare every stage of the search for people with the Python runtime.
@Suite struct LookParityTests {
    @Test(arguments: Vectors.cases(of: "look-regions"))
    func connected(_ it: Case) {
        let found = regions(it.input("mask").alpha, above: 0.5)
        check(found.flatMap(\.box.numbers).map(Double.init) + found.map { Double($0.pixels) }, ["boxes", "pixels"], it)
    }

    @Test(arguments: Vectors.cases(of: "look-boxes"))
    func boxes(_ it: Case) {
        let most = Int(it.number("most"))
        check(boxesOfPeople(it.input("alpha").alpha, in: it.photo, rule: it.rule, most: most), ["boxes"], it)
    }

    @Test(arguments: Vectors.cases(of: "look-quality"))
    func quality(_ it: Case) {
        let quality = MatteQuality.allCases[Int(it.input("quality").numbers[0])]
        let budget = quality.budget
        let near = quality.nearness
        let again: [Double] = [near?.scale ?? 1, near?.runs ?? 0, number(near?.isMirrored ?? false)]
        let limits = [Double(budget.closer), Double(budget.hints), number(budget.smallViews)]
        check(limits + again + [number(quality.guide == .colours)], ["numbers"], it)
    }

    @Test(arguments: Vectors.cases(of: "look-view"))
    func views(_ it: Case) {
        let turns = it.input("boxes").places.flatMap { [($0, 0), ($0, 1)] }
        let sizes = turns.map { it.rule.view(of: $0.0, turn: $0.1) }
        let gains = turns.map { it.rule.gain($0.0, in: it.photo.whole, turn: $0.1) }
        let small = it.input("thumbnails").rows.map { PixelSize(width: Int($0[0]), height: Int($0[1])) }.map {
            it.rule.forThumbnails(of: $0).smaller(StageConstants.smallSide).view(of: $0.whole)
        }
        check(numbers(sizes) + gains + numbers(small), ["sizes", "gains", "small"], it)
    }

    @Test(arguments: Vectors.cases(of: "look-closer"))
    func closer(_ it: Case) {
        let around = boxOfPeople(it.look).map { [$0] } ?? []
        let better = betterBox(it.look, in: it.photo, rule: it.rule).map { [$0] } ?? []
        let found = numbers(around + better) + [number(isSomebody(it.look, in: it.photo))]
        check(found, ["people", "better", "somebody"], it)
    }

    @Test(arguments: Vectors.cases(of: "look-near"))
    func near(_ it: Case) {
        let shape = PixelSize(width: 62, height: 60)
        let near = nearPeople(it.input("alpha").alpha, place: it.place, of: it.photo, rule: it.rule, shape: shape)
        check(near?.values.map(Double.init) ?? [Double](repeating: 1, count: 62 * 60), ["near"], it)
    }

    @Test(arguments: Vectors.cases(of: "look-confirm"))
    func confirm(_ it: Case) {
        let same = zip(it.input("one").places, it.input("other").places).map { number(isSamePerson($0, $1)) }
        check(same + it.input("agreed").numbers.map { number(areAlike($0)) }, ["same", "alike"], it)
    }

    @Test(arguments: Vectors.cases(of: "look-hints"))
    func traces(_ it: Case) {
        let found = hints(in: it.look, of: it.photo, known: it.input("known").places)
        check(found.map { Double($0.clearness) } + numbers(found.map(\.window)), ["clearness", "windows"], it)
    }

    @Test(arguments: Vectors.cases(of: "look-tiles"))
    func tiling(_ it: Case) {
        let sides = it.input("photo").numbers.map { Int($0) }
        check(tiles(of: PixelSize(width: sides[0], height: sides[1])), ["boxes"], it)
    }

    @Test(arguments: Vectors.cases(of: "look-measures"))
    func measures(_ it: Case) {
        let (alpha, turn) = (it.input("alpha").alpha, Int(it.number("turn")))
        check([doubt(alpha, turn: turn), number(isPlain(alpha, turn: turn))], ["doubt", "plain"], it)
    }

    @Test(arguments: Vectors.cases(of: "look-agreement"))
    func agreeing(_ it: Case) {
        let (alpha, small) = (it.input("alpha").alpha, it.input("small").alpha)
        check([agreement(alpha, small), number(isClearer(small, than: alpha))], ["agreement", "clearer"], it)
    }

    @Test(arguments: Vectors.cases(of: "look-upright"))
    func turning(_ it: Case) {
        let certain = it.input("numbers").rows.map {
            number(isCertain(plain: $0[0] == 1, agreed: $0[1], smallDoubt: $0[2], soft: $0[3], presence: $0[4]))
        }
        let turns = it.input("doubts").rows.map { Double(turnOfLeastDoubt($0)) }
        check(certain + turns, ["certain", "turns"], it)
    }

    @Test(arguments: Vectors.cases(of: "look-mirror"))
    func agreeingWithTheMirrorImage(_ it: Case) {
        check(agreed(it.input("one").alpha, it.input("other").alpha).values.map(Double.init), ["alpha"], it)
    }

    @Test(arguments: Vectors.cases(of: "look-share"))
    func share(_ it: Case) {
        let share = shareOfSecondLook(it.input("alpha").alpha, reach: Int(it.number("reach")))
        check(share.values.map(Double.init), ["share"], it)
    }

    @Test(arguments: Vectors.cases(of: "look-blend"))
    func blending(_ it: Case) {
        let found = blend(it.input("first").alpha, it.input("second").alpha, share: it.input("share").alpha)
        check(found.values.map(Double.init), ["alpha"], it)
    }

    @Test(arguments: Vectors.cases(of: "look-second-view"))
    func planning(_ it: Case) throws {
        let nearness = try #require(it.quality.nearness)
        let alpha = it.input("alpha").alpha
        let found = plan(alpha, place: it.place, rule: it.rule, nearness: nearness)
        let share = found?.share.values.map(Double.init) ?? [Double](repeating: 0, count: alpha.values.count)
        let place = found.map { numbers([$0.size]) + numbers([$0.seen]) } ?? []
        check(place + share, ["size", "seen", "share"], it)
    }

    @Test(arguments: Vectors.cases(of: "look-weights"))
    func fading(_ it: Case) {
        let (across, down) = weights(of: it.input("box").places[0], in: it.photo)
        check((across + down).map(Double.init), ["across", "down"], it)
    }

    @Test(arguments: Vectors.cases(of: "look-merge"))
    func merging(_ it: Case) throws {
        let image = it.input("image").picture
        let looks = [("first", image.size.whole), ("closer", it.place)].map { name, place in
            Look(place: place, alpha: it.input("\(name)-alpha").alpha, view: it.input("\(name)-view").picture)
        }
        let guide: Guide = it.number("colours") == 1 ? .colours : .luma
        expect(try merge(looks, image: image, guide: guide), it.output("matte").picture, it)
    }

    @Test(arguments: Vectors.cases(of: "look-refine-by-colours"))
    func refiningByColours(_ it: Case) {
        let (view, image) = (it.input("view").picture, it.input("image").picture)
        let found = refine(alpha: it.input("alpha").alpha, view: view, image: image, guide: .colours)
        expect(found, it.output("matte").picture, it)
    }

    @Test(arguments: Vectors.cases(of: "look-search"))
    func searching(_ it: Case) async throws {
        let network = GreenNetwork(size: it.rule)
        let viewer = Viewer(network: network, photo: PixelPhoto(image: it.input("image").picture))
        let looks = try await viewer.looks(it.quality)
        let turns = looks.map { Double($0.turn) }
        check(numbers(looks.map(\.place)) + turns + [Double(network.runs)], ["boxes", "turns", "runs"], it)
    }

    @Test(arguments: Vectors.cases(of: "look-matte"))
    func matting(_ it: Case) async throws {
        let image = it.input("image").picture
        let viewer = Viewer(network: GreenNetwork(size: it.rule), photo: PixelPhoto(image: image))
        let looks = try await viewer.looks(it.quality)
        expect(try merge(looks, image: image, guide: it.quality.guide), it.output("matte").picture, it)
    }

    private func check(_ found: [PixelPlace], _ outputs: [String], _ it: Case) { check(numbers(found), outputs, it) }

    private func check(_ found: [Double], _ outputs: [String], _ it: Case) {
        expect(found, outputs.flatMap { it.output($0).numbers }, it)
    }
}

/// Green is a person; docs/vectors.md describes this engine.
private final class GreenNetwork: Network {
    let size: InputSize
    private(set) var runs = 0

    init(size: InputSize) { self.size = size }

    func alpha(of view: Raster<UInt8>) async throws -> Raster<Float> {
        runs += 1
        let (width, height) = (view.width, view.height)
        var alpha = (0..<width * height).map { i in
            min(max((Float(view.values[3 * i + 1]) - Float(view.values[3 * i])) / 128, 0), 1)
        }
        let rows = (0..<height).filter { y in alpha[y * width..<(y + 1) * width].contains { $0 > 0 } }.count
        if rows < 30 { alpha = alpha.map { $0 * (rows >= 12 ? 0.125 : 0) } }
        let edge = { (count: Int, at: (Int) -> Int) in
            (0..<count).reduce(0.0) { $0 + Double(alpha[at($1)]) } / Double(count)
        }
        let others = [edge(width) { $0 }, edge(height) { $0 * width }, edge(height) { $0 * width + width - 1 }]
        if others.max()! > edge(width, { (height - 1) * width + $0 }) { alpha = alpha.map { $0 * 0.75 } }
        return Raster(width: width, height: height, values: alpha)
    }
}

private func number(_ flag: Bool) -> Double { flag ? 1 : 0 }

private func numbers(_ sizes: [PixelSize]) -> [Double] { sizes.flatMap { [Double($0.width), Double($0.height)] } }

private func numbers(_ places: [PixelPlace]) -> [Double] { places.flatMap(\.numbers).map(Double.init) }

extension Case {
    fileprivate var photo: PixelSize {
        let sides = numbers("photo").map { Int($0) }
        return PixelSize(width: sides[0], height: sides[1])
    }

    fileprivate var place: PixelPlace {
        let edges = numbers("box").map { Int($0) }
        return PixelPlace(left: edges[0], top: edges[1], right: edges[2], bottom: edges[3])
    }

    fileprivate var quality: MatteQuality { MatteQuality.allCases[Int(number("quality"))] }

    fileprivate var look: Look {
        let alpha = input("alpha").alpha
        let view = Raster<UInt8>(width: alpha.width, height: alpha.height, channels: 3, filledWith: 0)
        return Look(place: place, alpha: alpha, view: view)
    }
}

extension Tensor {
    fileprivate var rows: [[Double]] {
        let all = numbers
        return (0..<shape[0]).map { Array(all[$0 * shape[1]..<($0 + 1) * shape[1]]) }
    }

    fileprivate var places: [PixelPlace] {
        let edges = numbers.map { Int($0) }
        return stride(from: 0, to: edges.count, by: 4).map {
            PixelPlace(left: edges[$0], top: edges[$0 + 1], right: edges[$0 + 2], bottom: edges[$0 + 3])
        }
    }
}
