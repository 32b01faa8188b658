"""Do what people and programs ask for, if they may: each action checks the right and is audited."""
