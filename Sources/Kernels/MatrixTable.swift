/// The kernels of matrices, a part of the table.
public typealias MatrixKernels = (
  addSymmetricProduct:
    @Sendable (
      UnsafePointer<Double>, Int, Int, Double, UnsafeMutablePointer<Double>, Int
    ) -> Void,
  addProduct:
    @Sendable (
      UnsafePointer<Double>, Int, UnsafePointer<Double>, Int, Int, Double, UnsafeMutablePointer<Double>, Int
    ) -> Void,
  packRows: @Sendable (UnsafePointer<Double>, Int, Int, Int, UnsafeMutablePointer<Double>) -> Void,
  unpackRows: @Sendable (UnsafePointer<Double>, Int, Int, UnsafeMutablePointer<Double>, Int) -> Void,
  solvePanel:
    @Sendable (
      UnsafePointer<Double>, Int, UnsafePointer<Double>, Int, UnsafeMutablePointer<Double>
    ) -> Void,
  allFinite: @Sendable (UnsafePointer<Double>, Int) -> Bool,
  columnSums:
    @Sendable (
      UnsafeRawPointer, Bool, Int, Int, Int, UnsafePointer<Double>, Double, UnsafeMutablePointer<Double>,
      UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>
    ) -> Void,
  centreIntoPanels:
    @Sendable (
      UnsafeRawPointer, Bool, Int, Int, Int, UnsafePointer<Double>, Double, UnsafePointer<Double>,
      UnsafeMutablePointer<Double>, Int, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>
    ) -> Void,
  addWeightedRows:
    @Sendable (
      UnsafePointer<Double>, Int, Int, Int, UnsafePointer<Double>, UnsafeMutablePointer<Double>
    ) -> Void,
  symmetricTimesVector:
    @Sendable (
      UnsafePointer<Double>, Int, Int, UnsafePointer<Double>, UnsafeMutablePointer<Double>
    ) -> Void,
  updateAndMultiply:
    @Sendable (
      UnsafeMutablePointer<Double>, Int, Int, UnsafePointer<Double>, UnsafePointer<Double>, UnsafePointer<Double>,
      UnsafeMutablePointer<Double>
    ) -> Void,
  solveLower: @Sendable (UnsafePointer<Double>, Int, Int, UnsafeMutablePointer<Double>) -> Void,
  solveLowerTransposed: @Sendable (UnsafePointer<Double>, Int, Int, UnsafeMutablePointer<Double>) -> Void,
  rotateVectors: @Sendable (UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>, Int, Double, Double) -> Void,
  bidiagonalStep:
    @Sendable (
      UnsafeMutablePointer<Double>, Int, Int, Int, UnsafePointer<Double>, UnsafePointer<Double>, UnsafePointer<Double>,
      Double, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>
    ) -> Void,
  rotateRowPairs:
    @Sendable (
      UnsafeMutablePointer<Double>, Int, Int, UnsafePointer<Int>, UnsafePointer<Double>, UnsafePointer<Double>, Int
    ) -> Void
)

func matrixKernels() -> MatrixKernels {
  (
    addSymmetricProduct: addSymmetricProduct, addProduct: addProduct, packRows: packRows, unpackRows: unpackRows,
    solvePanel: solvePanel, allFinite: allFinite, columnSums: columnSums, centreIntoPanels: centreIntoPanels,
    addWeightedRows: addWeightedRows, symmetricTimesVector: symmetricTimesVector, updateAndMultiply: updateAndMultiply,
    solveLower: solveLower, solveLowerTransposed: solveLowerTransposed, rotateVectors: rotateVectors,
    bidiagonalStep: bidiagonalStep, rotateRowPairs: rotateRowPairs
  )
}
