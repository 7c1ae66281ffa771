/// Room that a blocked Cholesky factorisation works in; reused between factorisations of one order.
final class CholeskyWorkspace {
  fileprivate static let blockSize = 64
  fileprivate let panels: Storage<Double>
  fileprivate let reciprocals: Storage<Double>

  init(order: Int) throws(TrimtabError) {
    panels = try Storage(count: Matrix.padded(order) &* CholeskyWorkspace.blockSize, for: "Cholesky panels")
    reciprocals = try Storage(count: CholeskyWorkspace.blockSize, for: "Cholesky diagonal")
  }
}

/// Replaces the lower triangle of a symmetric matrix A by L with A = L L^T; what stands above the diagonal is neither
/// read nor kept.
///
/// - Returns: false, with the matrix spoilt, if A is not positive definite as far as float64 can tell (or holds NaN).
///   Success proves that A plus an error of order n eps |A| is positive definite.
/// - Complexity: n^3 / 3 multiply-adds. Source: Golub & Van Loan, 4.2; Higham, Accuracy and Stability, 10.1.
func factorCholesky(_ a: Matrix, _ workspace: CholeskyWorkspace) -> Bool {
  let order = a.rows
  let block = CholeskyWorkspace.blockSize
  var start = 0
  while start < order {
    let size = min(block, order &- start)
    guard factorDiagonalBlock(a, start, size, workspace.reciprocals.pointer) else { return false }
    let below = start &+ size
    if below < order { eliminateBelow(a, start, size, workspace) }
    start = below
  }
  return true
}

private func factorDiagonalBlock(
  _ a: Matrix, _ start: Int, _ size: Int, _ reciprocals: UnsafeMutablePointer<Double>
) -> Bool {
  for j in 0..<size {
    let rowJ = a.row(start &+ j) + start
    let pivot = rowJ[j] - kernels.dotProduct(rowJ, rowJ, j)
    guard pivot > 0, pivot < .infinity else { return false }
    let root = pivot.squareRoot()
    rowJ[j] = root
    reciprocals[j] = 1 / root
    for i in (j &+ 1)..<max(size, j &+ 1) {
      let rowI = a.row(start &+ i) + start
      rowI[j] = (rowI[j] - kernels.dotProduct(rowI, rowJ, j)) / root
    }
  }
  return true
}

private func eliminateBelow(_ a: Matrix, _ start: Int, _ size: Int, _ workspace: CholeskyWorkspace) {
  let below = start &+ size
  let panelCount = Matrix.padded(a.rows &- below) / 16
  for index in 0..<panelCount {
    let panel = workspace.panels.pointer + index &* size &* 16
    let first = below &+ index &* 16
    let rows = min(16, a.rows &- first)
    kernels.matrix.packRows(a.row(first) + start, a.stride, rows, size, panel)
    kernels.matrix.solvePanel(a.row(start) + start, a.stride, workspace.reciprocals.pointer, size, panel)
    kernels.matrix.unpackRows(panel, rows, size, a.row(first) + start, a.stride)
  }
  kernels.matrix.addSymmetricProduct(workspace.panels.pointer, panelCount, size, -1, a.row(below) + below, a.stride)
}
