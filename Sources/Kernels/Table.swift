// This folder is built once for the baseline and, on x86-64 Linux, again for x86-64-v3 and x86-64-v4 (modules KernelsV3
// and KernelsV4, links
// to this folder). Kernels know pointers and counts, nothing else; they allocate nothing and trap on nothing.

/// C = A B or C += A B: A, the distances between its rows and columns, B and its own, rows, columns, depth, whether it
/// adds, C, the distance between its rows, scratch.
public typealias ProductFunction =
  @Sendable (
    UnsafeRawPointer, Int, Int, UnsafeRawPointer, Int, Int, Int, Int, Int, Bool, UnsafeMutableRawPointer, Int,
    UnsafeMutableRawPointer
  ) -> Void

/// The kernels of this build, as one table. Its type is structural, so the tables of all builds have the same type.
public typealias KernelFunctions = (
  dotProduct: @Sendable (UnsafePointer<Double>, UnsafePointer<Double>, Int) -> Double,
  addScaled: @Sendable (Double, UnsafePointer<Double>, UnsafeMutablePointer<Double>, Int) -> Void,
  summarizeRun:
    @Sendable (UInt8, UnsafeRawPointer, Int, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Int>) -> Void,
  squareSum: @Sendable (UnsafeRawPointer, Int) -> Double,
  squareSumAndGreatest: @Sendable (UnsafeRawPointer, Int, UnsafeMutablePointer<UInt32>) -> Double,
  firstNonfinite: @Sendable (UInt8, UnsafeRawPointer, Int) -> Int,
  widen: @Sendable (UInt8, UnsafeRawPointer, Int, UnsafeMutablePointer<Double>) -> Void,
  matrix: MatrixKernels,
  columnActivity:
    @Sendable (
      UnsafePointer<Double>, UnsafePointer<Double>?, Int, Int, Double, Int, Double, Double, UnsafeMutablePointer<Double>
    ) -> Void,
  multiplyFloats: ProductFunction,
  multiplyDoubles: ProductFunction,
  productScratchBytes: Int
)

/// Its body stays here: were it visible to the engine, the compiler would copy the kernels there and build them for the
/// baseline.
@export(interface) public func kernelFunctions() -> KernelFunctions {
  (
    dotProduct: dotProduct, addScaled: addScaled, summarizeRun: summarizeRun, squareSum: squareSum,
    squareSumAndGreatest: squareSumAndGreatest, firstNonfinite: firstNonfinite, widen: widen,
    matrix: matrixKernels(), columnActivity: columnActivity, multiplyFloats: multiplyFloats,
    multiplyDoubles: multiplyDoubles, productScratchBytes: productScratchBytes
  )
}
