/** Stands for the agent that you have: a class with a method and some tools. */
class Researcher {
  readonly name = 'researcher'
  readonly tools = {
    search: { execute: async (query: { q: string }) => [`what is known about ${query.q}`] },
  }

  async run(question: string): Promise<string> {
    const [first = 'nothing'] = await this.tools.search.execute({ q: question })
    return `I found ${first}.`
  }
}

export const agent: Researcher = new Researcher()
