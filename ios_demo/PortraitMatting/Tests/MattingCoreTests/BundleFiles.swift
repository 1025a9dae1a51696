import Foundation
import MattingCore

/// Manifests as `pspm export` writes them, and invalid ones.
enum BundleFiles {
    static func content(
        sha256: String = String(repeating: "0", count: 64), file: String = "model.mlpackage",
        size: InputSize = InputSize(side: 512, multiple: 32, longest: 1024), without missing: String? = nil
    ) -> Data {
        var rule: [String: Any] = ["side": size.side, "multiple": size.multiple, "longest": size.longest]
        rule["sizes"] = size.sizes?.map { ["width": $0.width, "height": $0.height] }
        var facts: [String: Any] = [
            "name": "mobile", "network": "mobile", "file": file, "format": "coreml", "precision": "fp16",
            "sha256": sha256, "licence": "research", "data": "portraits", "bytes": 10,
            "input": [
                "name": "image", "layout": "image", "colours": "RGB", "range": [0, 255], "mean": [0, 0, 0],
                "std": [1.0 / 255, 1.0 / 255, 1.0 / 255],
                "size": rule,
            ],
            "output": ["name": "alpha", "layout": "image", "type": "grayscale float16", "range": [0, 1]],
        ]
        if let missing { facts[missing] = nil }
        guard let content = try? JSONSerialization.data(withJSONObject: facts) else { fatalError("not JSON") }
        return content
    }
}
