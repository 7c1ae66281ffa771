import Testing
import Trimtab

@testable import TrimtabFormats

@Suite struct TextTests {
  let scratch = Scratch()

  func table(_ text: String, name: String = "a.csv", options: CSVOptions = CSVOptions()) throws -> (
    TensorSource, [Double]
  ) {
    let source = try #require(try TensorFile(path: scratch.write(name, Array(text.utf8)), csv: options).tensors.first)
    return (source, try values(source))
  }

  @Test(arguments: [
    "1,2\n3,4\n", "1,2\r\n3,4", "\u{FEFF}1,2\n3,4\n\n", "\"1\",2\n\n3,\" 4 \"\n", "a,b\n1,2\n3,4", "x;y\n1;2\n3;4",
    "1\t2\r3\t4", "# a,b\n1,2\n3,4\n",
  ])
  func readsTheSameTable(text: String) throws {
    let (source, values) = try table(text)
    #expect(source.shape == [0, 2])
    #expect(values == [1, 2, 3, 4])
  }

  @Test func loadsAWholeTableWithinItsMemory() throws {
    let text = "a,b\n" + (0..<5000).map { "\($0),\(-$0)\n" }.joined()
    let source = try #require(try TensorFile(path: scratch.write("a.csv", Array(text.utf8))).tensors.first)
    let loaded = try source.withView(memoryLimit: 80_000) { view in
      #expect(view.shape[0] == 5000 && view.shape[1] == 2 && view.elementType == .float64)
      return elements(view)
    }
    #expect(loaded == (0..<5000).flatMap { [Double($0), -Double($0)] })
    #expect(throws: FormatError.self) { try source.withView(memoryLimit: 79_999) { _ in } }
  }

  @Test func readsNumbersToTheLastBit() throws {
    let cells = [
      "0.1", "-0", "1e22", "1e23", "123456789012345678901234567890", "9007199254740993", "5e-324",
      "2.2250738585072011e-308",
      "1.7976931348623157e308", "1e400", ".5", "5.", "+7", "1E-5", "0.30000000000000004", "8.41e-20",
    ]
    let (_, values) = try table(
      cells.joined(separator: "\n") + "\n",
      options: {
        var o = CSVOptions()
        o.header = .absent
        return o
      }())
    for (cell, value) in zip(cells, values) {
      #expect(value.bitPattern == Double(cell == "5." ? "5" : cell)?.bitPattern, "\(cell)")
    }
  }

  @Test func takesMissingCellsForNaN() throws {
    let (_, values) = try table("a,b,c\n1,,NaN\nNA,inf,-Infinity\n")
    #expect(values.map(\.isNaN) == [false, true, true, true, false, false])
    #expect(values.suffix(2) == [.infinity, -.infinity])
  }

  @Test func findsHeadersAndRowNumbers() throws {
    #expect(try table("mass,\"height, m\"\n1,2\n").0.columnNames == ["mass", "height, m"])
    #expect(try table(",a,b\n0,5,6\n1,7,8\n").1 == [5, 6, 7, 8])
    #expect(try table("0,1,2\n5,6,7\n").1 == [5, 6, 7])
    var absent = CSVOptions()
    absent.header = .absent
    #expect(try table("0,1,2\n5,6,7\n", options: absent).1.count == 6)
  }

  @Test(arguments: [
    ("a,b\n1,2\n3\n", "line 3: found 1 cell, allowed 2"), ("1,2\n3,4,5\n", "line 2: found 3 cells"),
    ("a,b\n1,2\n\n3,four\n", "line 4, column 2 ('b'): found 'four', allowed a number"),
    ("1,2\n0x10,4\n", "line 2, column 1: found '0x10'"), ("1,2\n1e,4\n", "found '1e'"),
    ("a,b\n1,\"2\n3,4\n", "line 2: a quote is opened and never closed"), ("\n\n", "holds no line"),
    ("a\n1 2\n", "line 2, column 1 ('a'): found '1 2', allowed a number"),
    ("a,b\nx,y\n", "line 2: found text in each of its 2 cells, the first 'x', allowed numbers"),
    (",a,b\n0,1,2\n1,x,y\n", "line 3: found text in each of its 2 cells, the first 'x'"),
    ("a,b\nx,\n", "line 2, column 1 ('a'): found 'x'"),
  ])
  func namesLineAndColumn(text: String, words: String) {
    #expect(failure(scratch.write("a.csv", Array(text.utf8))).contains(words))
  }

  @Test func refusesEndlessLines() {
    let wide = [UInt8](repeating: UInt8(ascii: ","), count: 2 << 20)
    #expect(failure(scratch.write("a.csv", wide)).contains("more than 1048576 cells"))
    let long = [UInt8](repeating: UInt8(ascii: "1"), count: 17 << 20)
    #expect(failure(scratch.write("a.csv.gz", SampleFile.deflated(long, window: 31))).contains("record of more than"))
    #expect(failure(scratch.write("a.csv", [0xff, 0xfe, 0x31, 0])).contains("UTF-16"))
  }

  @Test func readsGzipOfSeveralMembers() throws {
    let text = Array("1,2\n".utf8)
    let bytes = SampleFile.deflated(text, window: 31) + SampleFile.deflated(Array("3,4\n".utf8), window: 31)
    let whole = scratch.write("a.csv.gz", bytes)
    #expect(try values(try #require(try TensorFile(path: whole).tensors.first)) == [1, 2, 3, 4])
    #expect(failure(scratch.write("b.csv.gz", Array(bytes.dropLast(4)))).contains("truncated"))
    var damaged = bytes
    damaged[damaged.count - 6] ^= 1
    #expect(failure(scratch.write("c.csv.gz", damaged)).contains("corrupt"))
    #expect(failure(scratch.write("d.csv.gz", text)).contains("corrupt"))
  }
}
