import Trimtab
import TrimtabTrainer

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The curves of an experiment as an SVG drawing: a line an arm, or points where it is a cloud of samples, its name at its
/// end in its colour.
struct LinePlot {
  let title: String
  let axes: PlotAxes
  let lines: [(name: String, x: [Double], y: [Double])]

  private static let width = 760.0, height = 420.0
  private static let left = 78.0, right = 210.0, top = 44.0, bottom = 52.0
  /// Okabe and Ito's colours, which people who see few colours tell apart.
  private static let colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999"]

  func render() -> String {
    let horizontal = Scale(lines.flatMap(\.x), isLogarithmic: axes.isHorizontalLogarithmic)
    let vertical = Scale(lines.flatMap(\.y), isLogarithmic: axes.isVerticalLogarithmic)
    let plot = (width: Self.width - Self.left - Self.right, height: Self.height - Self.top - Self.bottom)
    func x(_ value: Double) -> Double { Self.left + plot.width * horizontal.share(value) }
    func y(_ value: Double) -> Double { Self.top + plot.height * (1 - vertical.share(value)) }
    var parts = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" "
        + "font-family=\"sans-serif\" font-size=\"12\">",
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
      text(title, Self.left, 22, size: 15),
    ]
    for tick in horizontal.ticks {
      parts.append(line(x(tick), Self.top, x(tick), Self.top + plot.height, "#e4e4e4"))
      parts.append(text(horizontal.word(tick), x(tick), Self.top + plot.height + 18, anchor: "middle"))
    }
    for tick in vertical.ticks {
      parts.append(line(Self.left, y(tick), Self.left + plot.width, y(tick), "#e4e4e4"))
      parts.append(text(vertical.word(tick), Self.left - 6, y(tick) + 4, anchor: "end"))
    }
    parts.append(text(axes.horizontal.description, Self.left + plot.width / 2, Self.height - 12, anchor: "middle"))
    parts.append(
      "<g transform=\"translate(16 \(short(Self.top + plot.height / 2))) rotate(-90)\">"
        + text(axes.vertical.description, 0, 0, anchor: "middle") + "</g>")
    parts += curves(x, y, horizontal, vertical)
    return parts.joined(separator: "\n") + "\n</svg>\n"
  }

  private func curves(
    _ x: (Double) -> Double, _ y: (Double) -> Double, _ horizontal: Scale, _ vertical: Scale
  ) -> [String] {
    lines.enumerated().flatMap { index, curve in
      let colour = Self.colours[index % Self.colours.count]
      let place = Self.top + 12 + 20 * Double(index)
      let start = Self.width - Self.right + 12
      let isCloud = Self.isCloud(curve.x)
      let legend = [
        isCloud
          ? circle(start + 9, place - 4, 3, colour) : line(start, place - 4, start + 18, place - 4, colour, width: 2.5),
        text(curve.name, start + 24, place),
      ]
      if isCloud || curve.x.count == 1 {
        let points = zip(curve.x, curve.y).filter { horizontal.holds($0) && vertical.holds($1) }
        let dots = points.map { circle(x($0), y($1), isCloud ? 1.5 : 4, colour) }
        return [isCloud ? "<g fill-opacity=\"0.6\">\(dots.joined())</g>" : dots.joined()] + legend
      }
      var path = ""
      var isDown = false
      for (a, b) in zip(curve.x, curve.y) {
        // What cannot be drawn leaves a gap.
        guard horizontal.holds(a), vertical.holds(b) else {
          isDown = false
          continue
        }
        path += "\(isDown ? "L" : "M")\(short(x(a))) \(short(y(b)))"
        isDown = true
      }
      return ["<path d=\"\(path)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"1.8\"/>"] + legend
    }
  }

  /// Whether points are samples and no course: they go neither up nor down along the horizontal axis.
  static func isCloud(_ x: [Double]) -> Bool {
    let pairs = zip(x, x.dropFirst())
    return pairs.contains { $0 < $1 } && pairs.contains { $0 > $1 }
  }

  private func circle(_ x: Double, _ y: Double, _ radius: Double, _ colour: String) -> String {
    "<circle cx=\"\(short(x))\" cy=\"\(short(y))\" r=\"\(short(radius))\" fill=\"\(colour)\"/>"
  }

  private func line(_ a: Double, _ b: Double, _ c: Double, _ d: Double, _ colour: String, width: Double = 1) -> String {
    "<line x1=\"\(short(a))\" y1=\"\(short(b))\" x2=\"\(short(c))\" y2=\"\(short(d))\" stroke=\"\(colour)\" "
      + "stroke-width=\"\(short(width))\"/>"
  }

  private func text(_ words: String, _ x: Double, _ y: Double, anchor: String = "start", size: Int = 12) -> String {
    var escaped = ""
    for letter in words {
      switch letter {
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "&": escaped += "&amp;"
      default: escaped.append(letter)
      }
    }
    return "<text x=\"\(short(x))\" y=\"\(short(y))\" text-anchor=\"\(anchor)\" font-size=\"\(size)\">\(escaped)</text>"
  }

  private func short(_ value: Double) -> String { figure((value * 10).rounded() / 10) }
}

/// An axis: where values lie on it, and its ticks.
private struct Scale {
  let isLogarithmic: Bool
  private let low: Double
  private let high: Double

  init(_ values: [Double], isLogarithmic: Bool) {
    self.isLogarithmic = isLogarithmic
    let usable = values.filter { $0.isFinite && (!isLogarithmic || $0 > 0) }.map { isLogarithmic ? log10($0) : $0 }
    let (least, greatest) = (usable.min() ?? 0, usable.max() ?? 1)
    // A curve that stands still is drawn in the middle.
    let room = greatest > least ? 0.03 * (greatest - least) : max(0.5 * abs(least), 0.5)
    low = least - room
    high = greatest + room
  }

  func holds(_ value: Double) -> Bool { value.isFinite && (!isLogarithmic || value > 0) }
  func share(_ value: Double) -> Double { ((isLogarithmic ? log10(value) : value) - low) / (high - low) }

  /// A tick as a label: powers of ten in few letters.
  func word(_ tick: Double) -> String {
    guard isLogarithmic, tick < 1e-3 || tick >= 1e4 else { return figure(tick) }
    return "1e\(Int(log10(tick).rounded()))"
  }

  /// Some four to eight round numbers.
  var ticks: [Double] {
    let span = high - low
    var step = pow(10, (log10(span / 4)).rounded(.down))
    while span / step > 8 { step *= span / step > 16 ? 5 : 2 }
    if isLogarithmic { step = max(1, step.rounded(.up)) }
    return stride(from: (low / step).rounded(.up) * step, through: high, by: step).map {
      isLogarithmic ? pow(10, $0) : abs($0) < step * 1e-9 ? 0 : $0
    }
  }
}

extension LabReport {
  var plot: LinePlot {
    LinePlot(
      title: experiment.title.description, axes: experiment.axes,
      lines: curves.map { ($0.arm.description, $0.x, $0.y) })
  }
}
