import TrimtabFormats

/// The gradients of one step after the other: tensors in the order from the input to the output.
struct GradientSteps {
  struct Step {
    /// Nil where the file does not number its steps.
    let index: Int?
    var tensors: [Tensor]
  }

  struct Tensor {
    let source: TensorSource
    /// The key without the step.
    let name: String
  }

  let steps: [Step]

  /// The gradients of a file, or none. Numbered keys are steps; the rest is one step.
  static func group(_ opened: OpenedFile) -> [GradientSteps] {
    let sources = opened.tensors.filter { $0.1.kind == .gradients }.map(\.0)
    guard !sources.isEmpty else { return [] }
    var numbered: [Int: [Tensor]] = [:]
    var others: [Tensor] = []
    for source in sources {
      if let series = SeriesName(key: source.name), series.unit == .step, !series.rest.isEmpty {
        numbered[series.index, default: []].append(Tensor(source: source, name: series.rest))
      } else {
        others.append(Tensor(source: source, name: source.name))
      }
    }
    // An archive keeps the order of writing; a safetensors file does not.
    let isSorted = opened.file.format == .safetensors
    func order(_ tensors: [Tensor]) -> [Tensor] {
      isSorted ? tensors.sorted { naturallyPrecedes($0.name, $1.name) } : tensors
    }
    let steps = numbered.sorted { $0.key < $1.key }.map { Step(index: $0.key, tensors: order($0.value)) }
    let all = (steps.isEmpty ? [] : [GradientSteps(steps: steps)])
    return others.isEmpty ? all : all + [GradientSteps(steps: [Step(index: nil, tensors: order(others))])]
  }
}

/// Numbers in names by their value: `layers.2` before `layers.10`.
func naturallyPrecedes(_ a: String, _ b: String) -> Bool {
  for (one, other) in zip(FileName.words(a), FileName.words(b)) where one != other {
    if let left = Int(one), let right = Int(other), left != right { return left < right }
    return one < other
  }
  return a.count == b.count ? a < b : a.count < b.count
}
