import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { codeOf, house, outside, root, sourceFiles, textOf } from './sources.ts'

const sources = sourceFiles([...house.flat(), 'sandbox', 'bench'])
const everything = sourceFiles([...house.flat(), ...outside])
const linesOf = (file: string): number => textOf(file).split('\n').length - 1

describe('files', () => {
  test('none is longer than 300 lines', () => {
    expect(everything.filter((file) => linesOf(file) > 300)).toEqual([])
  })

  test('the median file has at most 100 lines', () => {
    const lengths = sources.map(linesOf).sort((a, b) => a - b)
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(100)
  })

  test('names are kebab-case and say what is inside', () => {
    const bad = everything.filter(
      (file) =>
        !/^[a-z0-9/.-]+$/.test(file) ||
        /(^|\/)(utils?|helpers?|common|manager|service)(\.|\/)/.test(file),
    )
    expect(bad).toEqual([])
  })

  test('no plain Error is thrown', () => {
    expect(sources.filter((file) => /throw new (Error|TypeError)\(/.test(codeOf(file)))).toEqual([])
  })

  test('no error is swallowed by an empty catch', () => {
    expect(
      everything.filter((file) => /catch\s*(\([^)]*\))?\s*\{\s*\}/.test(codeOf(file))),
    ).toEqual([])
  })

  test('error codes are upper snake case and mean one thing each', () => {
    const codes = sources.flatMap((file) =>
      [
        ...codeOf(file).matchAll(/new (?:Config|Transient|Protocol|Invariant)Error\(\s*'([^']*)'/g),
      ].map((match) => match[1]!),
    )
    expect(codes.length).toBeGreaterThan(10)
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([])
    expect(codes.filter((code) => !/^[A-Z][A-Z0-9_]+$/.test(code))).toEqual([])
  })

  test('no tracked file names a path of one machine', () => {
    const found = spawnSync(
      'git',
      [
        'grep',
        '-n',
        '-I',
        '-E',
        '(/tmp/|/work/|/root/|/home/[a-z]+/)',
        '--',
        '.',
        ':!package-lock.json',
        ':!Dockerfile',
        ':!test/architecture/files.test.ts',
      ],
      { cwd: root, encoding: 'utf8' },
    )
    expect(found.stdout).toBe('')
  })
})
