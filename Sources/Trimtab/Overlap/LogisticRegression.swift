/// Logistic regression by Newton's method, each step solved by conjugate gradients.
///
/// Minimises sum_i v_i ln(1 + exp(-s_i f_i)) + ridge / 2 |w|^2 with f = x w + b, the weights v_i of each class summing to
/// 1/2: scikit-learn's with C = 1 / (ridge n) and class_weight="balanced". Source: Nocedal & Wright 2006, 7.1.
final class LogisticRegression {
  let width: Int
  /// [width] weights, then the offset.
  let weights: Storage<Double>

  /// - Parameters:
  ///   - rows: [count, width], row-major
  ///   - isPositive: whether a row is of the first class
  init(
    _ rows: UnsafePointer<Double>, count: Int, width: Int, ridge: Double, isPositive: (Int) -> Bool
  ) throws(TrimtabError) {
    self.width = width
    let size = width &+ 1
    weights = try Storage(count: size, for: "classifier")
    let memory = try Storage<Double>(count: 5 &* size &+ 4 &* count, for: "classifier")
    let gradient = memory.pointer
    let (step, residual) = (gradient + size, gradient + 2 &* size)
    let (direction, image) = (gradient + 3 &* size, gradient + 4 &* size)
    let sign = gradient + 5 &* size
    let (share, curvature, slope) = (sign + count, sign + 2 &* count, sign + 3 &* count)
    var positives = 0
    for row in 0..<count where isPositive(row) { positives = positives &+ 1 }
    for row in 0..<count {
      sign[row] = isPositive(row) ? 1 : -1
      share[row] = 0.5 / Double(max(isPositive(row) ? positives : count &- positives, 1))
    }
    func product(_ vector: UnsafePointer<Double>, _ row: Int) -> Double {
      kernels.dotProduct(rows + row &* width, vector, width) + vector[width]
    }
    func penalty(_ w: UnsafePointer<Double>) -> Double { 0.5 * ridge * kernels.dotProduct(w, w, width) }
    func loss(_ w: UnsafePointer<Double>) -> Double {
      var sum = penalty(w)
      for row in 0..<count {
        let margin = sign[row] * product(w, row)
        sum += share[row] * (max(-margin, 0) + logarithm(1 + exponential(-margin.magnitude)))
      }
      return sum
    }
    /// The sum of rows by factors, the offset's last, plus the ridge times `w`.
    func adjoint(_ factors: UnsafePointer<Double>, _ w: UnsafePointer<Double>, to out: UnsafeMutablePointer<Double>) {
      for place in 0..<width { out[place] = ridge * w[place] }
      out[width] = 0
      for row in 0..<count {
        kernels.addScaled(factors[row], rows + row &* width, out, width)
        out[width] += factors[row]
      }
    }
    let w = weights.pointer
    var value = loss(w)
    for _ in 0..<60 {
      for row in 0..<count {
        let margin = sign[row] * product(w, row)
        let wrong = 1 / (1 + exponential(margin))
        slope[row] = -share[row] * sign[row] * wrong
        curvature[row] = share[row] * wrong * (1 - wrong)
      }
      adjoint(slope, w, to: gradient)
      let norm = kernels.dotProduct(gradient, gradient, size).squareRoot()
      guard norm > 1e-13 else { break }
      // H step = -gradient.
      step.update(repeating: 0, count: size)
      for place in 0..<size {
        residual[place] = -gradient[place]
        direction[place] = residual[place]
      }
      var energy = norm * norm
      for _ in 0..<min(2 &* size &+ 10, 500) {
        for row in 0..<count { slope[row] = curvature[row] * product(direction, row) }
        adjoint(slope, direction, to: image)
        let bend = kernels.dotProduct(direction, image, size)
        guard bend > 0 else { break }
        let length = energy / bend
        kernels.addScaled(length, direction, step, size)
        kernels.addScaled(-length, image, residual, size)
        let next = kernels.dotProduct(residual, residual, size)
        guard next.squareRoot() > min(0.1, norm) * norm else { break }
        for place in 0..<size { direction[place] = residual[place] + next / energy * direction[place] }
        energy = next
      }
      // Halved until the loss falls; at the end rounding lets it fall no more.
      var factor = 1.0
      var hasFallen = false
      for _ in 0..<30 {
        for place in 0..<size { image[place] = w[place] + factor * step[place] }
        let tried = loss(image)
        if tried <= value {
          hasFallen = tried < value
          value = tried
          w.update(from: image, count: size)
          break
        }
        factor *= 0.5
      }
      guard hasFallen || factor == 1 else { break }
    }
  }

  /// f of a row; the class is the first where it is above 0.
  func score(_ row: UnsafePointer<Double>) -> Double {
    kernels.dotProduct(row, weights.pointer, width) + weights.pointer[width]
  }
}
