import Trimtab
import TrimtabFormats

/// All that a run may be told.
struct Settings {
  var conditioning = ConditioningOptions()
  var matrix = MatrixOptions()
  var activity = ActivityOptions()
  var drift = DriftOptions()
  var gradients = GradientOptions()
  var csv = CSVOptions()
  var recogniser = Recogniser()
  /// Bytes that a tensor and the work on it may take; nil for a share of the file.
  var maximumMemory: Int?

  /// Whether weights are held to float32's precision where their own type is coarser, and to no stricter bound than 1 /
  /// epsilon.
  ///
  /// The engine's bound, 1 / (max(m, n) epsilon), asks whether a matrix can be solved with. Healthy trained weights
  /// pass it by far: one of
  /// 384×384 in float32 has 8e4 where that bound is 2e4, and hardly any in bfloat16 stays below.
  var sparesWeights = false

  func matrixOptions(_ type: ElementType) -> MatrixOptions {
    var options = matrix
    if sparesWeights && options.criticalConditionNumber == 0 {
      options.criticalConditionNumber = type == .float64 ? 0x1p52 : 0x1p23
    }
    return options
  }

  /// Memory in proportion to the file: 24 bytes for each of its bytes let a covariance of as many rows as columns
  /// through.
  func memoryLimit(_ source: TensorSource) -> Int {
    if let maximumMemory { return maximumMemory }
    let (share, overflow) = source.fileByteCount.multipliedReportingOverflow(by: 24)
    return overflow ? .max : max(share, 256 << 20)
  }
}
