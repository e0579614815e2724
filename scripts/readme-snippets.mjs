// Puts the programs of examples/snippets into the README, each below the comment that names it.
import { readFileSync, writeFileSync } from 'node:fs'

const readme = new URL('../README.md', import.meta.url)
const root = new URL('../', import.meta.url)
const text = readFileSync(readme, 'utf8').replace(
  /(<!-- (examples\/snippets\/\S+) -->\n```tsx?\n)[\s\S]*?```/g,
  (_, head, file) => `${head}${readFileSync(new URL(file, root), 'utf8')}\`\`\``,
)
writeFileSync(readme, text)
