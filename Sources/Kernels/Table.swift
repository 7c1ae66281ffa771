// This folder is built once for the baseline and, on x86-64 Linux, again for x86-64-v3 and x86-64-v4 (modules KernelsV3
// and KernelsV4, links
// to this folder). Kernels know pointers and counts, nothing else; they allocate nothing and trap on nothing.

/// The kernels of this build, as one table. Its type is structural, so the tables of all builds have the same type.
public typealias KernelFunctions = (
  dotProduct: @Sendable (UnsafePointer<Double>, UnsafePointer<Double>, Int) -> Double,
  addScaled: @Sendable (Double, UnsafePointer<Double>, UnsafeMutablePointer<Double>, Int) -> Void,
  summarizeRun:
    @Sendable (UInt8, UnsafeRawPointer, Int, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Int>) -> Void,
  summarizeCarefully:
    @Sendable (
      UInt8, UnsafeRawPointer, Int, Int, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Int>
    ) -> Void,
  squareSum: @Sendable (UnsafeRawPointer, Int) -> Double,
  squareSumAndGreatest: @Sendable (UnsafeRawPointer, Int, UnsafeMutablePointer<UInt32>) -> Double,
  firstNonfinite: @Sendable (UInt8, UnsafeRawPointer, Int) -> Int,
  widen: @Sendable (UInt8, UnsafeRawPointer, Int, UnsafeMutablePointer<Double>) -> Void,
  matrix: MatrixKernels,
  columnActivity:
    @Sendable (
      UnsafePointer<Double>, UnsafePointer<Double>?, Int, Int, Double, Int, Double, Double, UnsafeMutablePointer<Double>
    ) -> Void,
  multiplyFloats:
    @Sendable (
      UnsafePointer<Float>, Int, Int, UnsafePointer<Float>, Int, Int, Int, Int, Int, Bool, UnsafeMutablePointer<Float>,
      Int, UnsafeMutableRawPointer
    ) -> Void,
  multiplyDoubles:
    @Sendable (
      UnsafePointer<Double>, Int, Int, UnsafePointer<Double>, Int, Int, Int, Int, Int, Bool,
      UnsafeMutablePointer<Double>, Int, UnsafeMutableRawPointer
    ) -> Void,
  productScratchBytes: Int
)

/// Its body stays here: were it visible to the engine, the compiler would copy the kernels there and build them for the
/// baseline.
@export(interface) public func kernelFunctions() -> KernelFunctions {
  (
    dotProduct: dotProduct, addScaled: addScaled, summarizeRun: summarizeRun, summarizeCarefully: summarizeCarefully,
    squareSum: squareSum, squareSumAndGreatest: squareSumAndGreatest, firstNonfinite: firstNonfinite, widen: widen,
    matrix: matrixKernels(), columnActivity: columnActivity, multiplyFloats: multiplyFloats,
    multiplyDoubles: multiplyDoubles, productScratchBytes: productScratchBytes
  )
}
