internal import Trimtab

/// Whether every sample that a trainer has seen had the same target: then a constant is all that there is to learn, and
/// the run looks healthy all the same. As soon as a target differs nothing more is looked at.
struct ConstantTargets {
  /// Fewer samples may be alike by chance.
  static let leastSamples = 16

  private var first: Storage<Double>?
  private var count = 0
  private var hasVaried = false

  var areFound: Bool { !hasVaried && count >= ConstantTargets.leastSamples }

  /// - Throws: `outOfMemory`
  mutating func add(_ targets: TensorView, batch: Int) throws(TrimtabError) {
    guard !hasVaried, batch > 0 else { return }
    let width = targets.count / batch
    let isNew = first == nil
    let own = if let first { first } else { try Storage<Double>(count: width, for: "targets") }
    guard own.count == width, width > 0 else { return }
    var varies = false
    forEachNumber(targets) { index, number in
      if isNew, index < width { own.pointer[index] = number }
      varies = varies || own.pointer[index % width] != number
    }
    first = own
    hasVaried = varies
    count = count &+ batch
  }
}
