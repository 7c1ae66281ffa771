extension RunLineParser {
  enum LineState { case blank, whole, damaged }

  /// Hands on what a line says; of a damaged one, the whole objects that still stand on it.
  ///
  /// Where a line feed was lost, or a line was torn and another one written behind it, several stand on one line.
  ///
  /// - Parameter take: answers false for what is no line of a log; then the search goes on inside it.
  mutating func parseLine(
    _ bytes: UnsafeBufferPointer<UInt8>, _ take: (RunLine, [SeenEntry]) -> Bool
  ) -> LineState {
    var scanner = JSONScanner(bytes)
    if scanner.isAtEnd() { return .blank }
    if let line = parse(&scanner), scanner.isAtEnd() {
      _ = take(line, seen)
      return .whole
    }
    var place = 0
    while let start = RunLineParser.nextMarker(bytes, from: place) {
      var scanner = JSONScanner(bytes, from: start)
      if let line = parse(&scanner), take(line, seen) {
        place = scanner.position
      } else {
        place = start + 1
      }
    }
    return .damaged
  }

  /// Where the next object of a log may begin: `{"step":` and its like.
  static func nextMarker(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    let markers: [StaticString] = [
      "{\"step\":", "{\"finding\":", "{\"end\":", "{\"restored\":", "{\"trimtab_log\":", "{\"trimtab_record\":",
    ]
    var place = start
    while place + 7 < bytes.count {
      if bytes[place] == UInt8(ascii: "{"), bytes[place + 1] == UInt8(ascii: "\"") {
        for marker in markers where stands(marker, bytes, place) { return place }
      }
      place += 1
    }
    return nil
  }

  private static func stands(_ marker: StaticString, _ bytes: UnsafeBufferPointer<UInt8>, _ place: Int) -> Bool {
    let count = marker.utf8CodeUnitCount
    guard bytes.count - place >= count else { return false }
    for offset in 0..<count where bytes[place + offset] != marker.utf8Start[offset] { return false }
    return true
  }
}
